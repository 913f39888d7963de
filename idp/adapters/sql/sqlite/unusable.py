"""Why an SQLite file cannot be used, in words for whoever runs a command on it."""

import sqlite3
from collections.abc import Mapping
from typing import Final

from idp.adapters.sql.revisions import UnusableDatabaseError

_OWN: Final = "give the file, its folder and what lies beside it to the user of idp"
_WORDS: Final[Mapping[int, tuple[str, str]]] = {
    sqlite3.SQLITE_FULL: ("the disk of the database is full", "make room; the -wal file beside it stays"),
    sqlite3.SQLITE_READONLY: ("the database cannot be written to", _OWN),
    sqlite3.SQLITE_CANTOPEN: ("the database cannot be opened", _OWN),
    sqlite3.SQLITE_NOTADB: ("what IDP_DATABASE_URL names is no database", "correct it"),
    sqlite3.SQLITE_CORRUPT: ("the database is damaged", "keep the file as it is, and restore a backup elsewhere"),
    sqlite3.SQLITE_IOERR: ("the disk of the database fails", "look into the log of the machine, and at the room on it"),
}


def told(error: BaseException | None) -> UnusableDatabaseError | None:
    """Return what to say of an error, or of what caused it; None where another program may hold the file locked."""
    while error is not None:
        if isinstance(error, sqlite3.Error):
            words = _WORDS.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
            return UnusableDatabaseError(*words) if words else None
        error = error.__cause__
    return None
