"""Revisions of the schema: what this release works with, and what it finds.

Migrations expand first and contract a release later, so that two releases run side by side on one database. Each
revision from 0002 on writes into `schema_support` the oldest revision whose code still works on it: a node of the
release before starts on a schema that is newer than its own as long as that row allows it.
"""

from pathlib import Path
from typing import Any, Final

from idp.domain.values import dataclass
from idp.ports.errors import StoreUnavailableError

EXPECTED_REVISION: Final = "0026"
"""The newest revision, the one that this release's statements are written for."""

MIGRATIONS: Final = Path(__file__).parent / "migrations"
FIND_SUPPORT: Final = "SELECT oldest_revision FROM schema_support"


@dataclass(frozen=True, slots=True)
class FoundSchema:
    """The revision of a database, None for a new one, and the oldest code that may run on it, None when not said."""

    revision: str | None
    oldest_code: str | None = None

    @property
    def serves_this_release(self) -> bool:
        """Whether this release's statements work on it."""
        if self.revision is None or self.revision == "unknown":
            return False
        if self.revision <= EXPECTED_REVISION:
            return self.revision == EXPECTED_REVISION
        return self.oldest_code is not None and self.oldest_code <= EXPECTED_REVISION


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

    @property
    def remedy(self) -> str:
        """What to do; a schema newer than this release's is not for it to migrate."""
        older = (self.current or "") < self.expected
        return "run idp migrate" if older else "use the release that made it, or a newer one"


class UnsupportedEngineError(Exception):
    """The engine is too old, or not made for what is kept; `remedy` says what to do."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.remedy = remedy


class UnusableDatabaseError(StoreUnavailableError):
    """The database cannot be used as it is set; `problem` and `remedy` say why, and repeat no value of its URL."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__()
        self.problem = problem
        self.remedy = remedy


def known_revisions() -> set[str]:
    """Every revision that this release knows how to reach or to leave."""
    return {path.stem.removeprefix("v").partition("_")[0] for path in (MIGRATIONS / "versions").glob("v*.py")}


def refuse_unknown(found: FoundSchema) -> None:
    """Raise `SchemaMismatchError` for a schema that this release cannot migrate."""
    if found.revision is not None and found.revision not in known_revisions():
        raise SchemaMismatchError(found.revision, EXPECTED_REVISION)


def upgrade(connection: Any) -> None:  # noqa: ANN401 -- SQLAlchemy's connection, imported only by who migrates
    """Run the missing revisions inside the transaction of `connection`."""
    from alembic import command  # noqa: PLC0415 -- needed once in a database's life, and slow to import
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
