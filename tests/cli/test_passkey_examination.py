from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from idp.cli.finding import Level
from idp.cli.passkey_examination import examine_passkeys
from idp.settings import Settings
from tests.adapters.turned_clock import TurnedClock
from tests.authenticator import Maker, MetadataService, metadata_entry


def examined(folder: Path) -> list[tuple[Level, str]]:
    found = examine_passkeys(Settings(passkey_metadata=folder), TurnedClock())
    return [(finding.level, finding.says) for finding in found]


@pytest.fixture
def service(tmp_path: Path) -> MetadataService:
    made = MetadataService.found()
    (tmp_path / "root.pem").write_bytes(made.root.public_bytes(Encoding.PEM))
    return made


def test_nothing_is_said_where_no_metadata_was_put(tmp_path: Path) -> None:
    assert examined(tmp_path / "nowhere") == []


def test_metadata_is_good_until_the_next_is_to_be_had(tmp_path: Path, service: MetadataService) -> None:
    (tmp_path / "blob.jwt").write_text(service.blob([metadata_entry(Maker.found())], next_update="2027-02-01"))
    assert examined(tmp_path) == [(Level.OK, "1 models of authenticators are trusted until 2027-02-01")]


def test_old_metadata_is_a_warning_and_no_outage(tmp_path: Path, service: MetadataService) -> None:
    (tmp_path / "blob.jwt").write_text(service.blob([], next_update="2027-01-01"))
    assert examined(tmp_path) == [(Level.WARN, "the blob was to be renewed by 2027-01-01")]


def test_metadata_of_a_stranger_is_a_failure(tmp_path: Path, service: MetadataService) -> None:
    (tmp_path / "blob.jwt").write_text(MetadataService.found().blob([]))
    ((level, says),) = examined(tmp_path)
    assert level is Level.FAIL
    assert "no trust anchor" in says
