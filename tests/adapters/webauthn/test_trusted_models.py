from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from idp.adapters.webauthn.metadata import UntrustedMetadataError
from idp.adapters.webauthn.trusted_models import TrustedModels, read_folder
from idp.domain.ids import Seconds
from tests.adapters.turned_clock import START
from tests.authenticator import AAGUID, MODEL, Maker, MetadataService, metadata_entry

NOW = Seconds(START)
ROOTS = Path(__file__).parents[3] / "keys/passkey-metadata"


@pytest.fixture
def service(tmp_path: Path) -> MetadataService:
    made = MetadataService.found()
    (tmp_path / "root.pem").write_bytes(made.root.public_bytes(Encoding.PEM))
    return made


def put(folder: Path, blob: str, name: str = "blob.jwt") -> None:
    (folder / name).write_text(blob)


def test_a_blob_that_the_anchors_stand_behind_is_read(tmp_path: Path, service: MetadataService) -> None:
    put(tmp_path, service.blob([metadata_entry(Maker.found())], next_update="2027-02-01"))
    read = read_folder(tmp_path, NOW)
    assert read is not None
    assert read.models[str(AAGUID)].description == MODEL
    assert read.next_update.isoformat() == "2027-02-01"


def test_of_several_blobs_the_newest_counts(tmp_path: Path, service: MetadataService) -> None:
    put(tmp_path, service.blob([metadata_entry(Maker.found())], number=9), "a.jwt")
    put(tmp_path, service.blob([], number=10), "b.jwt")
    assert TrustedModels(tmp_path).find(str(AAGUID), NOW) is None


def test_an_old_blob_counts_on_although_its_signer_s_certificate_has_ended(tmp_path: Path) -> None:
    service = MetadataService.found(now=datetime(2026, 1, 1, tzinfo=UTC), days=200)
    (tmp_path / "root.pem").write_bytes(service.root.public_bytes(Encoding.PEM))
    put(tmp_path, service.blob([metadata_entry(Maker.found())], next_update="2026-03-01"))
    assert TrustedModels(tmp_path).find(str(AAGUID), NOW) is not None


def test_a_blob_for_after_its_signer_s_certificate_is_refused(tmp_path: Path) -> None:
    service = MetadataService.found(now=datetime(2026, 1, 1, tzinfo=UTC), days=200)
    (tmp_path / "root.pem").write_bytes(service.root.public_bytes(Encoding.PEM))
    put(tmp_path, service.blob([], next_update="2030-03-01"))
    with pytest.raises(UntrustedMetadataError, match="not valid at that time"):
        read_folder(tmp_path, NOW)


def test_another_service_s_certificate_under_the_same_anchor_signs_no_blob(tmp_path: Path) -> None:
    service = MetadataService.found(host="shop.example")
    (tmp_path / "root.pem").write_bytes(service.root.public_bytes(Encoding.PEM))
    put(tmp_path, service.blob([]))
    with pytest.raises(UntrustedMetadataError, match="not for"):
        read_folder(tmp_path, NOW)


def test_a_blob_of_a_stranger_or_a_changed_one_is_refused(tmp_path: Path, service: MetadataService) -> None:
    put(tmp_path, MetadataService.found().blob([]))
    with pytest.raises(UntrustedMetadataError, match="no trust anchor"):
        read_folder(tmp_path, NOW)
    header, _, signature = service.blob([]).split(".")
    put(tmp_path, f"{header}.{service.blob([], number=2).split('.')[1]}.{signature}")
    with pytest.raises(UntrustedMetadataError, match="signature"):
        read_folder(tmp_path, NOW)


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c", "không phải"])
def test_what_is_no_blob_is_refused(tmp_path: Path, service: MetadataService, text: str) -> None:
    put(tmp_path, text)
    with pytest.raises(UntrustedMetadataError):
        read_folder(tmp_path, NOW)


def test_a_new_blob_is_seen_within_a_minute_and_a_broken_one_changes_nothing(
    tmp_path: Path, service: MetadataService
) -> None:
    models = TrustedModels(tmp_path)
    assert not models.are_known(NOW)
    put(tmp_path, service.blob([metadata_entry(Maker.found())]))
    assert models.find(str(AAGUID), Seconds(NOW + 59)) is None
    assert models.find(str(AAGUID), Seconds(NOW + 60)) is not None
    put(tmp_path, "half of a")
    assert models.find(str(AAGUID), Seconds(NOW + 120)) is not None


def test_one_model_s_unreadable_authority_leaves_the_others_as_they_are(
    tmp_path: Path, service: MetadataService
) -> None:
    broken = metadata_entry(Maker.found())
    broken["aaguid"] = "00000000-0000-0000-0000-000000000001"
    # Version 2 is what the library has an error of its own for, which is no ValueError.
    version_2 = service.root.public_bytes(Encoding.DER).replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x01", 1)
    unreadable = ["bm90IGEgY2VydGlmaWNhdGU=", "%%%", b64encode(version_2).decode()]
    broken["metadataStatement"]["attestationRootCertificates"] = unreadable
    put(tmp_path, service.blob([broken, metadata_entry(Maker.found())]))
    models = TrustedModels(tmp_path)
    unheard = models.find(broken["aaguid"], NOW)
    assert unheard is not None
    assert unheard.anchors == ()
    trusted = models.find(str(AAGUID), NOW)
    assert trusted is not None
    assert trusted.anchors != ()


def test_a_folder_that_is_taken_away_changes_nothing(
    tmp_path: Path, service: MetadataService, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, service.blob([metadata_entry(Maker.found())]))
    models = TrustedModels(tmp_path)
    assert models.are_known(NOW)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "stat", refuse)
    assert models.find(str(AAGUID), Seconds(NOW + 60)) is not None


def test_without_a_folder_no_model_is_trusted(tmp_path: Path) -> None:
    assert not TrustedModels(tmp_path / "nowhere").are_known(NOW)


def test_the_anchors_that_come_along_can_be_read() -> None:
    assert read_folder(ROOTS, NOW) is None
    assert b"BEGIN CERTIFICATE" in (ROOTS / "globalsign-roots.pem").read_bytes()
