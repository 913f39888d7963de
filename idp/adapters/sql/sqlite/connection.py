"""Connections to one SQLite file, and which of their errors mean that the store cannot be used."""

import sqlite3
from pathlib import Path

OLDEST_SQLITE = (3, 37, 0)
"""The first release with STRICT tables; RETURNING came just before."""

_BUSY_MILLISECONDS = 5_000
_KEPT_STATEMENTS = 512
_READER_CACHE_KIB = 2_048
_WRITER_CACHE_KIB = 6_144
_CHECKPOINT_PAGES = 4_000
_KEPT_LOG_BYTES = 64 * 1024 * 1024

# Primary result codes (https://www.sqlite.org/rescode.html) that say something about the file, the disk or other
# processes, and nothing about the statement.
_UNAVAILABLE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOTADB,
    }
)


def is_unavailable(error: sqlite3.Error) -> bool:
    """Whether the store as a whole failed, not the statement."""
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _UNAVAILABLE


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another process holds the write lock."""
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) == sqlite3.SQLITE_BUSY


def open_reader(path: Path) -> sqlite3.Connection:
    """Return a connection that cannot write. Raises `sqlite3.Error`, also when there is no such file."""
    connection = _open(path, _READER_CACHE_KIB)
    connection.execute("PRAGMA query_only = ON")
    return connection


def open_writer(path: Path) -> sqlite3.Connection:
    """Return a connection whose commits are durable when they return (WAL with `synchronous=FULL`).

    It does not wait for other writers by itself: the writer thread does, at shorter intervals than SQLite's.
    """
    connection = _open(path, _WRITER_CACHE_KIB)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
    connection.execute(f"PRAGMA journal_size_limit = {_KEPT_LOG_BYTES}")
    connection.execute("PRAGMA foreign_keys = ON")
    # Whoever was erased has his key overwritten, not only unlinked; the default differs from build to build.
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA busy_timeout = 0")
    return connection


def _open(path: Path, cache_kib: int) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=_KEPT_STATEMENTS,
    )
    try:
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
        connection.execute(f"PRAGMA cache_size = -{cache_kib}")
        connection.execute("PRAGMA trusted_schema = OFF")
    except sqlite3.Error:
        connection.close()
        raise
    return connection
