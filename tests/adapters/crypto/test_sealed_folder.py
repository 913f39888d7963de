import json
import os
import stat
import threading
from pathlib import Path

import pytest

from idp.adapters.crypto.documents import Document
from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.crypto.sealed_folder import SealedFolder
from idp.adapters.crypto.secret_file import Secret
from idp.adapters.durable_file import TEMPORARY_PREFIX

DOCUMENT = Document("signing-a", {"kid": "a", "public": {"x": "1"}}, b"the private part")


def change(file: Path, **changes: object) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


def test_a_document_comes_back_as_it_was_written(folder: SealedFolder) -> None:
    folder.write(DOCUMENT)
    read = folder.read()["signing-a"]
    assert read.secret == b"the private part"
    assert read.fields == {"version": 1, "kid": "a", "public": {"x": "1"}}


def test_the_folder_and_its_files_are_for_their_owner_only(folder: SealedFolder, path: Path) -> None:
    folder.write(DOCUMENT)
    with folder.lock():
        pass
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.iterdir()} == {0o600}


def test_a_folder_that_was_open_is_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    SealedFolder(tmp_path, bytes(32)).prepare()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700


def test_a_path_that_cannot_be_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KeyMaterialError, match="cannot be used"):
        SealedFolder(tmp_path / "file" / "keys", bytes(32)).prepare()


def test_nothing_secret_stands_in_clear_and_nothing_shows_it(folder: SealedFolder, path: Path) -> None:
    folder.write(DOCUMENT)
    assert b"private part" not in (path / "signing-a.json").read_bytes()
    assert "private part" not in repr(DOCUMENT)


@pytest.mark.parametrize("changes", [{"kid": "b"}, {"public": {"x": "2"}}, {"state": "signing"}, {"sealed": "AAAA"}])
def test_a_changed_field_is_refused(folder: SealedFolder, path: Path, changes: dict[str, object]) -> None:
    folder.write(DOCUMENT)
    change(path / "signing-a.json", **changes)
    with pytest.raises(KeyMaterialError, match=r"signing-a\.json does not open"):
        folder.read()


def test_a_file_in_another_ones_place_is_refused(folder: SealedFolder, path: Path) -> None:
    folder.write(DOCUMENT)
    (path / "signing-a.json").rename(path / "signing-b.json")
    with pytest.raises(KeyMaterialError, match=r"signing-b\.json does not open"):
        folder.read()


def test_a_document_that_somebody_added_without_the_secret_is_refused(folder: SealedFolder, path: Path) -> None:
    stranger = SealedFolder(path, Secret(b"\1" * 32).derive("keystore"))
    stranger.write(DOCUMENT)
    with pytest.raises(KeyMaterialError, match="does not open"):
        folder.read()


@pytest.mark.parametrize(
    "content", ["", "[]", "null", '"text"', "{}", "{", '{"sealed": 1}', '{"sealed": "é"}', "[" * 5000, "\ud800"]
)
def test_a_file_that_is_no_document_is_refused_by_name(folder: SealedFolder, path: Path, content: str) -> None:
    (path / "odd.json").write_bytes(content.encode(errors="surrogatepass"))
    (path / "odd.json").chmod(0o600)
    with pytest.raises(KeyMaterialError, match=r"odd\.json does not open"):
        folder.read()


def test_a_file_open_to_others_is_refused(folder: SealedFolder, path: Path) -> None:
    folder.write(DOCUMENT)
    (path / "signing-a.json").chmod(0o640)
    with pytest.raises(KeyMaterialError, match="chmod 600"):
        folder.read()


def test_a_file_that_cannot_be_read_is_refused_by_name(folder: SealedFolder, path: Path) -> None:
    (path / "odd.json").mkdir(0o700)
    with pytest.raises(KeyMaterialError, match=r"odd\.json cannot be read"):
        folder.read()


def test_a_document_of_another_release_is_refused(folder: SealedFolder) -> None:
    folder.write(Document("later", {"version": 2}, b""))
    with pytest.raises(KeyMaterialError, match="another release"):
        folder.read()


def test_the_fingerprint_changes_with_every_change(folder: SealedFolder) -> None:
    fingerprints = [folder.fingerprint()]
    for secret in (b"one", b"two", b"two"):
        folder.write(Document("key", {}, secret))
        fingerprints.append(folder.fingerprint())
    assert len(set(fingerprints)) == 4
    assert folder.fingerprint() == fingerprints[-1]


def test_what_a_dead_process_left_half_written_is_neither_read_nor_kept(folder: SealedFolder, path: Path) -> None:
    left = path / f"{TEMPORARY_PREFIX}dead"
    left.write_text("half")
    assert folder.read() == {}
    with folder.lock():
        assert not left.exists()


def test_only_one_holds_the_folder_at_a_time(folder: SealedFolder) -> None:
    inside = 0
    most = 0

    def enter() -> None:
        nonlocal inside, most
        for _ in range(50):
            with folder.lock():
                inside += 1
                most = max(most, inside)
                os.sched_yield()
                inside -= 1

    threads = [threading.Thread(target=enter) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
