import os
import stat
from pathlib import Path

import pytest

from idp.adapters.backup import export_file
from idp.adapters.backup.errors import BackupError
from idp.adapters.backup.export_file import appearing_file


def test_a_file_takes_its_name_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "export.yaml"
    target.write_text("older")
    target.chmod(0o644)
    with appearing_file(target) as stream:
        stream.write("Nguyễn")
        assert target.read_text() == "older"
    assert target.read_text() == "Nguyễn"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["export.yaml"]


def test_nothing_is_left_of_one_that_failed(tmp_path: Path) -> None:
    def fail() -> None:
        with appearing_file(tmp_path / "export.yaml") as stream:
            stream.write("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_what_one_that_was_killed_left_behind_is_emptied(tmp_path: Path) -> None:
    draft = tmp_path / ".export.yaml.draft"
    draft.write_text("half of a longer one")
    draft.chmod(0o600)
    with appearing_file(tmp_path / "export.yaml") as stream:
        stream.write("whole")
    assert (tmp_path / "export.yaml").read_text() == "whole"
    assert not draft.exists()


def test_two_that_write_the_same_do_not_mix(tmp_path: Path) -> None:
    target = tmp_path / "export.yaml"
    with appearing_file(target) as stream:
        stream.write("one")
        with pytest.raises(BackupError, match="being written by another process"), appearing_file(target):
            raise AssertionError
        stream.write(" and all of it")
    assert target.read_text() == "one and all of it"


def test_what_another_finished_between_opening_and_locking_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "export.yaml"

    def finished(_: int, draft: Path) -> None:
        draft.replace(target)

    monkeypatch.setattr(export_file, "refuse_another_s", finished)
    with pytest.raises(BackupError, match="written by another process just now"), appearing_file(target):
        raise AssertionError
    assert target.exists()


@pytest.mark.parametrize("laid_out", ["link", "open file", "second name"])
def test_what_somebody_else_laid_out_is_left_alone(tmp_path: Path, laid_out: str) -> None:
    kept, draft = tmp_path / "kept", tmp_path / ".export.yaml.draft"
    kept.write_text("alive")
    kept.chmod(0o600)
    match laid_out:
        case "link":
            draft.symlink_to(kept)
        case "open file":
            draft.touch()
            draft.chmod(0o666)
        case _:
            os.link(kept, draft)
    with pytest.raises((BackupError, OSError)), appearing_file(tmp_path / "export.yaml"):
        raise AssertionError
    assert kept.read_text() == "alive"
    assert not (tmp_path / "export.yaml").exists()
