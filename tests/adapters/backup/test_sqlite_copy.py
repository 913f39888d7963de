import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from idp.adapters.backup.errors import BackupError
from idp.adapters.backup.sqlite_copy import PART, SqliteCopy
from idp.ports.errors import StoreUnavailableError


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "idp.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE people (name)")
        connection.execute("CREATE TABLE short_lived (key)")
        connection.execute("INSERT INTO people VALUES ('An')")
        connection.execute("INSERT INTO short_lived VALUES ('session:of-somebody')")
    return path


def test_a_copy_is_one_file_by_itself_that_holds_what_was_committed(database: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    folder.mkdir()
    with closing(sqlite3.connect(database, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO people VALUES ('in progress')")
        SqliteCopy(database).save(folder)
        writer.execute("COMMIT")
    assert [path.name for path in folder.iterdir()] == [PART]
    with closing(sqlite3.connect(folder / PART)) as copy:
        assert copy.execute("SELECT name FROM people").fetchall() == [("An",)]
        assert copy.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert b"of-somebody" not in (folder / PART).read_bytes()


def test_a_damaged_database_is_told_and_not_backed_up(database: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.executemany("INSERT INTO people VALUES (?)", [("x" * 500,)] * 200)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode = DELETE")
    content = bytearray(database.read_bytes())
    content[4096 * 10 : 4096 * 12] = b"\xff" * 8192
    database.write_bytes(content)
    (tmp_path / "backup").mkdir()
    with pytest.raises(BackupError, match="is damaged"):
        SqliteCopy(database).save(tmp_path / "backup")


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "idp.db").write_bytes(b"nothing of the kind " * 100)
    with pytest.raises(StoreUnavailableError):
        SqliteCopy(tmp_path / "idp.db").save(tmp_path)


def test_a_database_appears_when_it_is_finished_and_takes_nobody_s_place(database: Path, tmp_path: Path) -> None:
    SqliteCopy(database).save(tmp_path)
    place = tmp_path / "new" / "idp.db"
    copy = SqliteCopy(place)
    copy.refuse_unless_empty()
    with copy.restoring(tmp_path) as url:
        assert not place.exists()
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("INSERT INTO people VALUES ('finished')")
            connection.commit()
    with closing(sqlite3.connect(place)) as connection:
        assert connection.execute("SELECT name FROM people").fetchall() == [("An",), ("finished",)]
    assert [path.name for path in place.parent.iterdir()] == ["idp.db"]
    with pytest.raises(BackupError, match="is there already"):
        copy.refuse_unless_empty()
    with pytest.raises(BackupError, match="is there already"), copy.restoring(tmp_path):
        raise AssertionError


def test_a_database_that_was_made_meanwhile_keeps_its_place(database: Path, tmp_path: Path) -> None:
    SqliteCopy(database).save(tmp_path)
    place = tmp_path / "new" / "idp.db"
    with pytest.raises(BackupError, match="is there already"), SqliteCopy(place).restoring(tmp_path):
        place.write_text("made meanwhile")
    assert place.read_text() == "made meanwhile"
    assert [path.name for path in place.parent.iterdir()] == ["idp.db"]


def test_two_that_restore_into_one_place_do_not_mix(database: Path, tmp_path: Path) -> None:
    SqliteCopy(database).save(tmp_path)
    place = tmp_path / "new" / "idp.db"
    with SqliteCopy(place).restoring(tmp_path) as url:
        with (
            pytest.raises(BackupError, match="being restored by another process"),
            SqliteCopy(place).restoring(tmp_path),
        ):
            raise AssertionError
        assert Path(url.removeprefix("sqlite:///")).exists()
    assert [path.name for path in place.parent.iterdir()] == ["idp.db"]


def test_nothing_appears_of_one_that_failed(database: Path, tmp_path: Path) -> None:
    SqliteCopy(database).save(tmp_path)
    place = tmp_path / "new" / "idp.db"
    with pytest.raises(ZeroDivisionError), SqliteCopy(place).restoring(tmp_path):
        raise ZeroDivisionError
    assert list(place.parent.iterdir()) == []


@pytest.mark.parametrize("ending", ["-wal", "-shm", "-journal"])
def test_what_an_older_database_left_behind_is_in_the_way(tmp_path: Path, ending: str) -> None:
    (tmp_path / f"idp.db{ending}").touch()
    with pytest.raises(BackupError, match=f"idp.db{ending} is there already"):
        SqliteCopy(tmp_path / "idp.db").refuse_unless_empty()
