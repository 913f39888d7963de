import stat
from pathlib import Path

import pytest

from idp.adapters.backup.errors import BackupError
from idp.adapters.backup.folder import appearing, copy_file, new_file


def test_a_folder_appears_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "backup"
    with appearing(target) as draft:
        (draft / "keys").mkdir()
        new_file(draft / "keys" / "part")
        assert not target.exists()
    assert (target / "keys" / "part").exists()
    assert stat.S_IMODE(target.stat().st_mode) == 0o700
    assert [path.name for path in tmp_path.iterdir()] == ["backup"]


def test_nothing_is_left_of_one_that_failed(tmp_path: Path) -> None:
    def fail() -> None:
        with appearing(tmp_path / "backup") as draft:
            new_file(draft / "part")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_what_one_that_was_killed_left_behind_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / ".backup.part").mkdir(mode=0o700)
    (tmp_path / ".backup.part" / "keys").mkdir()
    (tmp_path / ".backup.part" / "keys" / "part").write_text("half")
    (tmp_path / ".backup.part" / "other").write_text("half")
    with appearing(tmp_path / "backup") as draft:
        assert list(draft.iterdir()) == []


@pytest.mark.parametrize("there", ["a folder", "a file", "a link"])
def test_nothing_is_overwritten(tmp_path: Path, there: str) -> None:
    target = tmp_path / "backup"
    if there == "a folder":
        target.mkdir()
    elif there == "a file":
        target.touch()
    else:
        target.symlink_to(tmp_path / "nowhere")
    with pytest.raises(BackupError, match="is there already"), appearing(target):
        pass


def test_two_that_make_the_same_do_not_mix(tmp_path: Path) -> None:
    with appearing(tmp_path / "backup") as draft:
        new_file(draft / "part")
        with pytest.raises(BackupError, match="by another process"), appearing(tmp_path / "backup"):
            pass
        assert (draft / "part").exists()
    assert (tmp_path / "backup" / "part").exists()


def test_a_copy_is_its_owner_s_alone_and_replaces_nothing(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"content" * 1000)
    source.chmod(0o644)
    copy_file(source, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == source.read_bytes()
    assert stat.S_IMODE((tmp_path / "copy").stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        copy_file(source, tmp_path / "copy")


@pytest.mark.parametrize("laid_out", ["link", "open folder", "file"])
def test_what_somebody_else_laid_out_is_left_alone(tmp_path: Path, laid_out: str) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "idp.db").write_text("alive")
    draft = tmp_path / ".backup.part"
    match laid_out:
        case "link":
            draft.symlink_to(kept)
        case "open folder":
            draft.mkdir()
            draft.chmod(0o777)
        case _:
            draft.write_text("")
    with pytest.raises(BackupError), appearing(tmp_path / "backup"):
        raise AssertionError
    assert (kept / "idp.db").read_text() == "alive"
    assert not (tmp_path / "backup").exists()
