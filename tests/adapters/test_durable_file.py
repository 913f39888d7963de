import errno
import os
import stat
from pathlib import Path

import pytest

from idp.adapters.durable_file import TEMPORARY_PREFIX, replace_file, synchronise_folder, write_temporary


def test_a_replaced_file_is_whole_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "file"
    replace_file(path, b"one")
    replace_file(path, b"two")
    assert path.read_bytes() == b"two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_the_mask_of_the_process_does_not_open_a_file_to_others(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        replace_file(tmp_path / "file", b"one")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o600


def test_dying_before_the_rename_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    path = tmp_path / "file"
    replace_file(path, b"one")
    monkeypatch.setattr(Path, "replace", die)
    with pytest.raises(KeyboardInterrupt):
        replace_file(path, b"two")
    assert path.read_bytes() == b"one"


def test_what_cannot_be_written_whole_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    replace_file(tmp_path / "file", b"one")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        replace_file(tmp_path / "file", b"two")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"one"]


def test_temporary_files_are_told_by_their_prefix_and_reach_the_disk(tmp_path: Path) -> None:
    path = write_temporary(tmp_path, b"content")
    assert path.name.startswith(TEMPORARY_PREFIX)
    assert path.read_bytes() == b"content"
    synchronise_folder(tmp_path)


@pytest.mark.parametrize(("user", "given"), [(0, 1), (1000, 0)])
def test_what_root_writes_belongs_to_whom_the_folder_belongs_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: int, given: int
) -> None:
    owners: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr(os, "fchown", lambda _, owner, group: owners.append((owner, group)))
    write_temporary(tmp_path, b"one")
    assert owners == [(tmp_path.stat().st_uid, tmp_path.stat().st_gid)] * given
