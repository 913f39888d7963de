import sqlite3
import stat
from pathlib import Path

import pytest

from clients.relying_party.database import Database


def test_only_the_owner_can_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "store.db"
    Database(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_scripts_run_once_and_in_order_also_in_a_second_process(tmp_path: Path) -> None:
    scripts = ["CREATE TABLE a (x INTEGER); INSERT INTO a VALUES (1)", "INSERT INTO a VALUES (2)"]
    first = Database(tmp_path / "store.db")
    first.migrate("part", scripts[:1])
    second = Database(tmp_path / "store.db")
    for database in (second, first):
        database.migrate("part", scripts)
    assert [row["x"] for row in second.rows("SELECT x FROM a ORDER BY x")] == [1, 2]
    first.close()
    second.close()


def test_a_failed_script_leaves_nothing_behind(tmp_path: Path) -> None:
    database = Database(tmp_path / "store.db")
    with pytest.raises(sqlite3.OperationalError):
        database.migrate("part", ["CREATE TABLE a (x INTEGER); NONSENSE"])
    database.migrate("part", ["CREATE TABLE a (x INTEGER)"])
    assert database.rows("SELECT x FROM a") == []
    database.close()


def test_a_transaction_that_raises_changes_nothing(tmp_path: Path) -> None:
    database = Database(tmp_path / "store.db")
    database.migrate("part", ["CREATE TABLE a (x INTEGER)"])

    def fail() -> None:
        with database.transaction() as connection:
            connection.execute("INSERT INTO a VALUES (1)")
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        fail()
    assert database.row("SELECT x FROM a") is None
    database.close()
