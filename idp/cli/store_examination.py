"""What `idp doctor` looks at in the stores: a file or a server with its schema, room on the disk, short-lived state."""

import os
import shutil
import stat
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from idp.adapters.redis.opening import open_state
from idp.adapters.sql import schema
from idp.adapters.sql.url import is_postgresql
from idp.cli.finding import Finding, failure, warning, well
from idp.ports.clock import Clock
from idp.ports.errors import StoreUnavailableError
from idp.settings import Settings

FIRST_START: Final = "the first start makes it"
"""What to do about a database file that is not there."""

LITTLE_SPACE: Final = 1 << 30
NO_SPACE: Final = 64 << 20
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def examine_database(settings: Settings) -> Iterator[Finding]:
    """Yield first how the database is, then what may become of it."""
    if is_postgresql(settings.database_url):
        yield _server(settings)
        return
    yield _file(settings)
    yield _space(settings)


def nearest_folder(path: Path) -> Path:
    """Return the nearest folder above `path` that is there."""
    return next(folder for folder in path.absolute().parents if folder.is_dir())


async def examine_state(settings: Settings, clock: Clock) -> AsyncIterator[Finding]:
    """Ask the store of short-lived state, where it is one of its own, since when it remembers."""
    state = open_state(settings, clock)
    if state is None:
        return
    check = "short-lived state"
    now = clock.now()
    try:
        since, habits = await state.remembers_since(now), await state.habits()
    except StoreUnavailableError:
        yield failure(check, "it does not answer", "check IDP_STATE_URL and that its server runs")
    else:
        yield well(check, f"it has forgotten nothing for {max(0, now - since) // 60} minutes")
        if habits.evicts:
            told = "its server throws values away when memory runs short, and nobody can tell"
            yield failure(check, told, "set maxmemory-policy noeviction")
        if not habits.keeps_a_file:
            yield warning(check, "a restart of its server signs everybody out", "set appendonly yes")
    finally:
        await state.close()


def _server(settings: Settings) -> Finding:
    place = urlsplit(settings.database_url).path.removeprefix("/")
    try:
        found = schema.find(settings.database_url)
    except schema.UnusableDatabaseError as error:
        return failure("database", error.problem, error.remedy)
    except schema.UnsupportedEngineError as error:
        return failure("database", str(error), error.remedy)
    if found.revision is None:
        return failure("database", f"{place} has no tables yet", "run idp migrate")
    return _judged(found, place)


def _file(settings: Settings) -> Finding:
    path = settings.sqlite_path
    try:
        found = schema.find(settings.database_url)
    except schema.UnusableDatabaseError as error:
        return failure("database", error.problem, error.remedy)
    except (StoreUnavailableError, OSError):
        return failure("database", f"{path} cannot be read", "check its permissions and that nothing holds it locked")
    if found.revision is None:
        if path.exists() or os.access(nearest_folder(path), os.W_OK):
            return warning("database", f"{path} is not there yet", FIRST_START)
        return failure("database", f"{path} cannot be made", "let this user write there, or correct IDP_DATABASE_URL")
    return (_permissions(path) if found.serves_this_release else None) or _judged(found, str(path))


def _permissions(path: Path) -> Finding | None:
    if not os.access(path, os.W_OK):
        return failure("database", f"{path} cannot be written to", "give it to the user of idp")
    if path.stat().st_mode & _OTHERS:
        return warning("database", f"{path} can be read by others", f"chmod 600 {path}")
    return None


def _judged(found: schema.FoundSchema, place: str) -> Finding:
    if not found.serves_this_release:
        mismatch = schema.SchemaMismatchError(found.revision, schema.EXPECTED_REVISION)
        told = f"schema {found.revision}, this release needs {schema.EXPECTED_REVISION}"
        return failure("database", told, mismatch.remedy)
    if found.revision != schema.EXPECTED_REVISION:
        told = f"{place} has the newer schema {found.revision}, on which this release still works"
        return warning("database", told, "go on to the newer release")
    return well("database", f"{place} has schema {found.revision}")


def _space(settings: Settings) -> Finding:
    free = shutil.disk_usage(nearest_folder(settings.sqlite_path)).free
    says = f"{free >> 20} MiB are free beside the database"
    if free < NO_SPACE:
        return failure("disk", says, "make room; nothing can be recorded soon")
    return warning("disk", says, "make room") if free < LITTLE_SPACE else well("disk", says)
