from pathlib import Path

import msgspec
import pytest

from idp.adapters.backup.errors import BackupError
from idp.adapters.backup.manifest import Manifest, Part, manifest_digest, measure, read_manifest, write_manifest
from idp.adapters.crypto.secret_file import Secret

SECRET = Secret(b"s" * 32)


def manifest_of(folder: Path, *names: str) -> Manifest:
    return Manifest(
        created_at=1_790_000_000,
        issuer="https://id.example.vn",
        release="1",
        engine="sqlite",
        engine_version="3",
        revision="0001",
        oldest_code=None,
        keystore="file",
        heads=(),
        parts=tuple(measure(folder, name) for name in names),
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "a.json").write_text("{}")
    (tmp_path / "database.sqlite").write_bytes(b"rows")
    return tmp_path


def test_a_manifest_comes_back_as_it_was_written(folder: Path) -> None:
    manifest = manifest_of(folder, "keys/a.json", "database.sqlite")
    digest = write_manifest(folder, manifest, SECRET)
    assert read_manifest(folder, SECRET) == manifest
    assert digest == manifest_digest(folder)
    assert manifest.names("keys") == ("keys/a.json",)
    assert manifest.has("database.sqlite")
    assert not manifest.has("keys")


def test_another_secret_does_not_vouch_for_it(folder: Path) -> None:
    write_manifest(folder, manifest_of(folder), SECRET)
    with pytest.raises(BackupError, match="another secret file"):
        read_manifest(folder, Secret(b"t" * 32))


def test_no_byte_of_it_can_be_changed(folder: Path) -> None:
    write_manifest(folder, manifest_of(folder, "database.sqlite"), SECRET)
    path = folder / "manifest.json"
    content = path.read_bytes()
    for place in range(len(content) - 1):  # the last byte ends the line
        changed = bytearray(content)
        changed[place] ^= 1
        path.write_bytes(changed)
        with pytest.raises(BackupError):
            read_manifest(folder, SECRET)


@pytest.mark.parametrize("change", ["longer", "shorter", "other", "missing"])
def test_a_part_that_is_not_as_it_was_is_refused(folder: Path, change: str) -> None:
    write_manifest(folder, manifest_of(folder, "database.sqlite"), SECRET)
    part = folder / "database.sqlite"
    if change == "missing":
        part.unlink()
    else:
        part.write_bytes({"longer": b"rows!", "shorter": b"row", "other": b"rows".upper()}[change])
    with pytest.raises(BackupError, match="missing" if change == "missing" else "changed or cut"):
        read_manifest(folder, SECRET)


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/b/c", ".hidden", ""])
def test_a_part_lies_in_the_backup_and_nowhere_else(folder: Path, name: str) -> None:
    manifest = msgspec.structs.replace(manifest_of(folder), parts=(Part(name, 0, ""),))
    write_manifest(folder, manifest, SECRET)
    with pytest.raises(BackupError, match="strange name"):
        read_manifest(folder, SECRET)


def test_a_folder_without_a_manifest_is_no_backup(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="is no backup"):
        read_manifest(tmp_path, SECRET)
    (tmp_path / "manifest.json").write_text("[]")
    with pytest.raises(BackupError, match="is damaged"):
        read_manifest(tmp_path, SECRET)
