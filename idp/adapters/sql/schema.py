"""Which schema a database has, and bringing it to the one this release works with, on whichever engine.

Revisions lie in `migrations/versions`, one module each. Alembic is imported only when there is something to do.
"""

from idp.adapters.sql.revisions import (
    EXPECTED_REVISION,
    FoundSchema,
    Migration,
    SchemaMismatchError,
    UnsupportedEngineError,
    UnusableDatabaseError,
)
from idp.adapters.sql.sqlite import schema as sqlite_schema
from idp.adapters.sql.url import is_postgresql, sqlite_path

__all__ = [
    "EXPECTED_REVISION",
    "FoundSchema",
    "Migration",
    "SchemaMismatchError",
    "UnsupportedEngineError",
    "UnusableDatabaseError",
    "check",
    "current_revision",
    "migrate",
    "prepare",
]


def current_revision(url: str) -> str | None:
    """The schema's revision, or None when the database is new. Raises `StoreUnavailableError`."""
    return find(url).revision


def find(url: str) -> FoundSchema:
    """The schema of the database that `url` names. Raises `StoreUnavailableError`."""
    if is_postgresql(url):
        from idp.adapters.sql.postgresql import schema as postgresql_schema  # noqa: PLC0415 -- asyncpg is not always needed

        return postgresql_schema.find(url)
    return sqlite_schema.find(sqlite_path(url))


def check(url: str) -> None:
    """Raise `SchemaMismatchError` unless this release's code works on the database as it is."""
    _refuse_unless_served(find(url))


def prepare(url: str) -> bool:
    """Make sure that this release's code works on the schema; a new SQLite file is created by whoever comes first.

    Returns whether it was created.

    Raises `SchemaMismatchError`, `UnsupportedEngineError`, `StoreUnavailableError`, and `OSError` for the folder.
    """
    found = find(url)
    if found.revision is None and not is_postgresql(url):
        migrate(url)
        return True
    _refuse_unless_served(found)
    return False


def migrate(url: str) -> Migration:
    """Bring the database to the expected schema in one transaction; processes that ask at once do it once.

    Raises what `prepare` raises; `SchemaMismatchError` for a schema that this release does not know.
    """
    if is_postgresql(url):
        from idp.adapters.sql.postgresql import schema as postgresql_schema  # noqa: PLC0415 -- asyncpg is not always needed

        return postgresql_schema.migrate(url)
    return sqlite_schema.migrate(sqlite_path(url))


def _refuse_unless_served(found: FoundSchema) -> None:
    if not found.serves_this_release:
        raise SchemaMismatchError(found.revision, EXPECTED_REVISION)
