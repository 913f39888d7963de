"""Copies of a database, whichever engine it lies on."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Literal, Protocol

from idp.adapters.sql.url import is_postgresql, sqlite_path


class DatabaseCopy(Protocol):
    """Saves a database as one file of a backup, as it is at one moment, and puts it back.

    Values that live only for hours (sessions, codes, throttles) and who owns which job are not part of it. Every method
    raises `BackupError`, `StoreUnavailableError`, and `OSError`.
    """

    @property
    def engine(self) -> Literal["sqlite", "postgresql"]:
        """Which engine it is for."""
        ...

    @property
    def part(self) -> str:
        """The name of the file."""
        ...

    def version(self) -> str:
        """The version of the engine."""
        ...

    def refuse_unless_empty(self) -> None:
        """Raise `BackupError` when there is something that a restore would touch."""
        ...

    def save(self, folder: Path) -> None:
        """Write the file into the folder, durably, while the provider serves."""
        ...

    def restoring(self, folder: Path) -> AbstractContextManager[str]:
        """Load the file from the folder; the URL to finish it under, for as long as the context is open.

        No node starts on it before the context was left well.
        """
        ...


def database_copy(url: str) -> DatabaseCopy:
    """The copies of the database that `url` names."""
    if is_postgresql(url):
        from idp.adapters.backup.postgresql_copy import PostgresqlCopy  # noqa: PLC0415 -- asyncpg is not always needed

        return PostgresqlCopy(url)
    from idp.adapters.backup.sqlite_copy import SqliteCopy  # noqa: PLC0415 -- as above

    return SqliteCopy(sqlite_path(url))
