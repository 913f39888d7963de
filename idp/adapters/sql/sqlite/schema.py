"""The schema of an SQLite file: found, and brought to the current revision by whoever comes first."""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from idp.adapters.durable_file import synchronise_folder
from idp.adapters.sql.revisions import (
    EXPECTED_REVISION,
    FIND_SUPPORT,
    FoundSchema,
    Migration,
    UnsupportedEngineError,
    refuse_unknown,
    upgrade,
)
from idp.adapters.sql.sqlite.connection import OLDEST_SQLITE, is_unavailable
from idp.adapters.sql.sqlite.unusable import told
from idp.ports.errors import StoreUnavailableError


def find(path: Path) -> FoundSchema:
    """The schema of the file; none at all when there is no file. Raises `StoreUnavailableError`."""
    if not path.exists():
        return FoundSchema(None)
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)) as connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if not tables:
                return FoundSchema(None)
            if "alembic_version" not in tables:
                return FoundSchema("unknown")
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            support = connection.execute(FIND_SUPPORT).fetchone() if "schema_support" in tables else None
    except sqlite3.DatabaseError as error:
        if is_unavailable(error):
            raise told(error) or StoreUnavailableError from error
        raise
    return FoundSchema(str(row[0]) if row else "unknown", support[0] if support else None)


def migrate(path: Path) -> Migration:
    """Bring the file to the expected schema in one transaction; processes that ask at once do it once.

    Raises `SchemaMismatchError`, `UnsupportedEngineError`, `StoreUnavailableError`, and `OSError` for the folder.
    """
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        needed = ".".join(map(str, OLDEST_SQLITE))
        problem = f"SQLite {sqlite3.sqlite_version} is too old, {needed} is needed"
        raise UnsupportedEngineError(problem, "use a newer Python")
    path.parent.mkdir(parents=True, exist_ok=True)
    with _alone(path):
        before = find(path)
        if before.revision == EXPECTED_REVISION:
            return Migration(before.revision, before.revision)
        refuse_unknown(before)
        _create_private(path)
        try:
            _upgrade(path)
        except sqlite3.DatabaseError as error:
            raise told(error) or StoreUnavailableError from error
    return Migration(before.revision, EXPECTED_REVISION)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep other processes waiting that would do the same."""
    descriptor = os.open(path.with_name(path.name + ".lock"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _create_private(path: Path) -> None:
    """Create the file for its owner alone; SQLite gives its companions the same permissions, and syncs no name."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    synchronise_folder(path.parent)


def _upgrade(path: Path) -> None:
    """Run the missing revisions; a failure leaves the database as it was."""
    from sqlalchemy import NullPool, create_engine  # noqa: PLC0415 -- needed once in a database's life
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(path, isolation_level=None), poolclass=NullPool)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
            connection.exec_driver_sql("PRAGMA synchronous = FULL")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            upgrade(connection)
            connection.commit()
    except DBAPIError as error:
        if isinstance(error.orig, sqlite3.DatabaseError) and is_unavailable(error.orig):
            raise error.orig from error
        raise
    finally:
        engine.dispose()
