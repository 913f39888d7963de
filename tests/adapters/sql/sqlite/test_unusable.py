import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from idp.adapters.sql.revisions import UnusableDatabaseError
from idp.adapters.sql.schema import current_revision
from idp.adapters.sql.sqlite.unusable import told
from idp.ports.errors import StoreUnavailableError


def failure(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("as SQLite says it")
    error.sqlite_errorcode = code
    return error


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "idp.db").write_text("root:x:0:0:root:/root:/bin/bash\n" * 200)
    with pytest.raises(UnusableDatabaseError) as refused:
        current_revision(f"sqlite:///{tmp_path}/idp.db")
    assert refused.value.problem == "what IDP_DATABASE_URL names is no database"


def test_a_full_disk_is_known_by_what_caused_the_failure(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "small.db")) as connection:
        connection.execute("PRAGMA max_page_count = 2")
        with pytest.raises(sqlite3.OperationalError) as full:
            connection.execute("CREATE TABLE much AS SELECT randomblob(100000)")
    unavailable = StoreUnavailableError()
    unavailable.__cause__ = full.value
    unusable = told(unavailable)
    assert unusable is not None
    assert unusable.problem == "the disk of the database is full"


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        (sqlite3.SQLITE_READONLY_DIRECTORY, "the database cannot be written to"),
        (sqlite3.SQLITE_CANTOPEN, "the database cannot be opened"),
        (sqlite3.SQLITE_CORRUPT, "the database is damaged"),
        (sqlite3.SQLITE_IOERR_FSYNC, "the disk of the database fails"),
    ],
)
def test_each_way_to_fail_has_its_words(code: int, problem: str) -> None:
    unusable = told(failure(code))
    assert unusable is not None
    assert unusable.problem == problem


@pytest.mark.parametrize("error", [None, StoreUnavailableError(), failure(sqlite3.SQLITE_BUSY)])
def test_a_locked_file_has_none_of_its_own(error: BaseException | None) -> None:
    assert told(error) is None
