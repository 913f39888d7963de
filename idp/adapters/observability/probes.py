"""What `/readyz` asks of the adapters: stores that take writes, a keystore that gives keys."""

from collections.abc import Awaitable, Callable
from typing import Final

from sqlalchemy import column, false, select, table, text, update

from idp.adapters.sql.database import Database
from idp.adapters.sql.revisions import EXPECTED_REVISION, FoundSchema, SchemaMismatchError
from idp.adapters.sql.stores import Stores
from idp.adapters.sql.tables.main import clients
from idp.adapters.sql.tables.operation import schema_support
from idp.adapters.sql.unit_of_work import One, Row, Run, UnitOfWork
from idp.adapters.steady_clock import SteadyClock
from idp.domain.ids import Seconds
from idp.ports.clock import CLOCK_TOLERANCE, Clock
from idp.ports.keys import TokenSigner
from idp.ports.short_lived import ShortLivedStore

# It changes nothing, and takes the write lock to find that out: a read-only file and a stuck lock both show.
_NO_CHANGE: Final = update(clients).where(false()).values(wants_logout=0)
_SERVER_TIME: Final = text("SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS BIGINT)")
_REVISION: Final = select(column("version_num")).select_from(table("alembic_version")).scalar_subquery()
_SCHEMA: Final = select(_REVISION, select(schema_support.c.oldest_revision).scalar_subquery())


def readiness_checks(
    stores: Stores, signer: TokenSigner, clock: Clock, *, has_server: bool = False
) -> dict[str, Callable[[], Awaitable[None]]]:
    """Return a check for each part that has to work; it raises when the part does not.

    `has_server`: the database has a clock of its own, which all nodes share.
    """
    checks: dict[str, Callable[[], Awaitable[None]]] = {
        "database": lambda: store_is_writable(stores.database),
        "schema": lambda: schema_serves_this_release(stores.database),
        "keystore": lambda: keystore_is_readable(signer),
    }
    if has_server:
        checks["clock"] = lambda: clock_agrees(stores.database, clock)
    if isinstance(clock, SteadyClock):
        checks["machine_clock"] = lambda: machine_clock_is_followed(clock)
    if stores.state is not None:
        # The store as everybody uses it, behind its breaker.
        checks["state"] = lambda: state_is_writable(stores.short_lived, clock)
    return checks


class ClockError(Exception):
    """This machine's clock is wrong, or the database server's."""


async def store_is_writable(database: Database) -> None:
    """Return when the database took a write. Raises `StoreUnavailableError`."""
    await database.write(_change_nothing())


def _change_nothing() -> UnitOfWork[None]:
    yield Run(_NO_CHANGE, {})


async def schema_serves_this_release(database: Database) -> None:
    """Return when this release's code works on the schema, which others may migrate while this process runs.

    Raises `SchemaMismatchError`, `StoreUnavailableError`, and whatever the engine says when the tables are gone.
    """
    found = await database.run_read(_find_schema())
    if not found.serves_this_release:
        raise SchemaMismatchError(found.revision, EXPECTED_REVISION)


def _find_schema() -> UnitOfWork[FoundSchema]:
    row: Row | None = yield One(_SCHEMA, {}, alone=True)
    return FoundSchema(*row) if row else FoundSchema(None)


async def clock_agrees(database: Database, clock: Clock) -> None:
    """Return when this node's clock shows what the database's does, within `CLOCK_TOLERANCE` seconds.

    A node that is off takes codes and sessions of the others for expired, or for issued in the future. Raises
    `ClockError`, `StoreUnavailableError`.
    """
    told = Seconds(await database.run_read(_server_time()))
    if isinstance(clock, SteadyClock):
        clock.settle(told)
    apart = abs(told - clock.now())
    if apart > CLOCK_TOLERANCE:
        raise ClockError(f"{apart} seconds apart")


async def machine_clock_is_followed(clock: SteadyClock) -> None:
    """Return when the machine's clock did not jump. Raises `ClockError`; the node goes on by its own time then."""
    if clock.is_doubted:
        raise ClockError("the machine's clock jumped")


def _server_time() -> UnitOfWork[int]:
    row: Row = yield One(_SERVER_TIME, {}, alone=True)
    return int(row[0])


async def state_is_writable(store: ShortLivedStore, clock: Clock) -> None:
    """Return when every server of the store answered, and one took a write. Raises `StoreUnavailableError`."""
    await store.remembers_since(clock.now())
    await store.put("probe:readiness", b"", clock.now())


async def keystore_is_readable(signer: TokenSigner) -> None:
    """Return when there are keys to publish, and one signs: it may be in a module that others run.

    Raises LookupError, and whatever the keystore raises.
    """
    algorithms = signer.algorithms()
    if b'"kid"' not in signer.jwks() or not algorithms:
        raise LookupError("no published key")
    quickest = "ES256" if "ES256" in algorithms else algorithms[0]
    signer.sign({}, algorithm=quickest, token_type="probe")
