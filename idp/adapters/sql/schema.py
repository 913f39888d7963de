"""Which schema a database has, and bringing it to the one this release works with.

Revisions lie in `migrations/versions`, one module each. Alembic is imported only when there is something to do.
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from idp.adapters.durable_file import synchronise_folder
from idp.adapters.sql.sqlite.connection import OLDEST_SQLITE, is_unavailable
from idp.adapters.sql.url import sqlite_path
from idp.ports.errors import StoreUnavailableError

EXPECTED_REVISION: Final = "0001"
"""The newest revision, the one that this release's statements are written for."""

_MIGRATIONS: Final = Path(__file__).parent / "migrations"


@dataclass(frozen=True, slots=True)
class Migration:
    """The revision found, and the one there is now; None stood for a new database."""

    before: str | None
    after: str


class SchemaMismatchError(Exception):
    """The database has another schema than this release works with."""

    def __init__(self, current: str | None, expected: str) -> None:
        super().__init__(f"the database has schema {current or 'none'}, this release needs {expected}")
        self.current = current
        self.expected = expected


class UnsupportedEngineError(Exception):
    """The engine is too old."""


def current_revision(url: str) -> str | None:
    """The schema's revision, or None when the database is new. Raises `StoreUnavailableError`."""
    path = sqlite_path(url)
    if not path.exists():
        return None
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)) as connection:
            if not connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
                return None
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
                return "unknown"
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError as error:
        if is_unavailable(error):
            raise StoreUnavailableError from error
        raise
    return str(row[0]) if row else "unknown"


def prepare(url: str) -> None:
    """Make sure that the database has the expected schema; a new SQLite file is created by whoever comes first.

    Raises `SchemaMismatchError`, `UnsupportedEngineError`, `StoreUnavailableError`, and `OSError` for the folder.
    """
    current = current_revision(url)
    if current is None:
        current = migrate(url).after
    if current != EXPECTED_REVISION:
        raise SchemaMismatchError(current, EXPECTED_REVISION)


def migrate(url: str) -> Migration:
    """Bring the database to the expected schema in one transaction; processes that ask at once do it once.

    Raises what `prepare` raises; `SchemaMismatchError` for a schema that this release does not know.
    """
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        needed = ".".join(map(str, OLDEST_SQLITE))
        raise UnsupportedEngineError(f"SQLite {sqlite3.sqlite_version} is too old, {needed} is needed")
    path = sqlite_path(url)
    path.parent.mkdir(parents=True, exist_ok=True)
    with _alone(path):
        before = current_revision(url)
        if before == EXPECTED_REVISION:
            return Migration(before, before)
        if before is not None and before not in _known_revisions():
            raise SchemaMismatchError(before, EXPECTED_REVISION)
        _create_private(path)
        try:
            _upgrade(path)
        except sqlite3.DatabaseError as error:
            raise StoreUnavailableError from error
    return Migration(before, EXPECTED_REVISION)


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


def _known_revisions() -> set[str]:
    return {path.stem.removeprefix("v").partition("_")[0] for path in (_MIGRATIONS / "versions").glob("v*.py")}


def _upgrade(path: Path) -> None:
    """Run the missing revisions; a failure leaves the database as it was."""
    from alembic import command  # noqa: PLC0415 -- needed once in a database's life, and slow to import
    from alembic.config import Config  # noqa: PLC0415
    from sqlalchemy import NullPool, create_engine  # noqa: PLC0415
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(path, isolation_level=None), poolclass=NullPool)
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
            connection.exec_driver_sql("PRAGMA synchronous = FULL")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
    except DBAPIError as error:
        if isinstance(error.orig, sqlite3.DatabaseError) and is_unavailable(error.orig):
            raise error.orig from error
        raise
    finally:
        engine.dispose()
