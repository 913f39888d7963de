"""What commands work on: settings read, keystore opened, database at the schema of this release."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from typing import TypeVar

import typer

from idp.adapters.audit_checkpoints import CheckpointFile, CheckpointWriter
from idp.adapters.backup.errors import BackupError
from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.crypto.keystore import Keystore, holds_keys, open_keystore, open_secret, place_of_keys
from idp.adapters.crypto.system import SystemClock, SystemEntropy
from idp.adapters.redis.opening import open_state
from idp.adapters.sql import schema
from idp.adapters.sql.sqlite.unusable import told
from idp.adapters.sql.stores import Stores, open_database, open_stores
from idp.adapters.sql.trail.audit import SqlAuditLog
from idp.adapters.sql.url import sqlite_path
from idp.cli.refusal import Refusal
from idp.domain.events import Origin
from idp.domain.ids import RequestId
from idp.domain.values import dataclass
from idp.ports.clock import Clock, Entropy
from idp.ports.errors import StoreUnavailableError
from idp.settings import Settings, SettingsError, load_settings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Provider:
    """The provider as a command sees it; `origin` names the command's run in audit events."""

    settings: Settings
    keystore: Keystore
    stores: Stores
    clock: Clock
    entropy: Entropy
    origin: Origin


@contextmanager
def told_as_refusals() -> Iterator[None]:
    """Turn what is wrong with settings, keys, the database or its schema into a `Refusal` that says what to do."""
    try:
        yield
    except (SettingsError, KeyMaterialError, BackupError) as error:
        raise Refusal(error.problem, error.remedy) from None
    except schema.SchemaMismatchError as error:
        raise Refusal(str(error), error.remedy) from None
    except schema.UnsupportedEngineError as error:
        raise Refusal(str(error), error.remedy) from None
    except schema.UnusableDatabaseError as error:
        raise Refusal(error.problem, error.remedy) from None


def prepare(settings: Settings) -> bool:
    """Make sure that there is a secret, and a database that this release works on; return whether one was created.

    The secret comes first: a database without one tells that it was lost. Raises `KeyMaterialError` and what
    `schema.prepare` raises.
    """
    if settings.creates_secret:
        open_secret(settings)
    return schema.prepare(settings.database_url)


async def refuse_lost_keystore(settings: Settings, clock: Clock) -> None:
    """Raise `KeyMaterialError` for an empty keystore beside a database in use: new keys find and open nobody in it.

    Whoever begins at the same time makes the keys first, so that they are looked for once more at the end. Raises
    `StoreUnavailableError`.
    """
    if holds_keys(settings):
        return
    database = open_database(settings.database_url, clock)
    try:
        in_use = await SqlAuditLog(database).heads()
    finally:
        await database.close()
    if in_use and not holds_keys(settings):
        raise KeyMaterialError(
            f"{place_of_keys(settings)} is empty, and the database was made with its keys",
            "bring them back from the backup, or correct IDP_KEYSTORE",
        )


@asynccontextmanager
async def open_provider(check: Callable[[Settings], None] | None = None) -> AsyncIterator[Provider]:
    """Open the provider that the settings name, and close it afterwards.

    `check` stands in for `prepare` where a command wants something else of what is there. Raises `Refusal` when
    settings, secret, keystore or database cannot be used.
    """
    clock, entropy = SystemClock(), SystemEntropy()
    with told_as_refusals():
        settings = load_settings()
        made = False
        if check is None:
            made = prepare(settings)
        else:
            check(settings)
        await refuse_lost_keystore(settings, clock)
        keystore = open_keystore(settings, clock)
    stores = open_stores(settings.database_url, keystore.vault(), clock, entropy, open_state(settings, clock))
    origin = Origin(request_id=RequestId(entropy.identifier()), source="command")
    provider = Provider(settings, keystore, stores, clock, entropy, origin)
    try:
        async with _checkpointed(provider):
            with _told_where_it_began(settings.database_url) if made else nullcontext():
                yield provider
    finally:
        await stores.close()


@contextmanager
def _told_where_it_began(url: str) -> Iterator[None]:
    """Say that the command made a database: a command run in another folder than meant begins anew there."""
    told = f"there was no database yet, so that {sqlite_path(url).resolve()} was made"
    try:
        yield
    except Refusal as refusal:
        raise Refusal(refusal.problem, f"{refusal.remedy} ({told})") from None
    typer.echo(f"idp: {told}", err=True)


@asynccontextmanager
async def _checkpointed(provider: Provider) -> AsyncIterator[None]:
    """See what the command records: `idp serve`, which writes the other checkpoints, may not run for a long time."""
    path = provider.settings.audit_checkpoint_path
    if path is None:
        yield
        return
    signer = provider.keystore.token_signer()
    checkpoints = CheckpointWriter(provider.stores.audit_log, signer, CheckpointFile(path), provider.clock)
    await checkpoints.pass_over()
    yield
    # The command is done whatever comes of this; `idp doctor` tells that the file cannot be written to.
    with suppress(OSError):
        await checkpoints.write_checkpoint()


def on_provider(work: Callable[[Provider], Awaitable[T]], check: Callable[[Settings], None] | None = None) -> T:
    """Return what `work` comes to on the open provider. Raises `Refusal` as `open_provider` does."""

    async def opened() -> T:
        async with open_provider(check) as provider:
            return await work(provider)

    with stores_told_as_refusals():
        return asyncio.run(opened())


@contextmanager
def stores_told_as_refusals() -> Iterator[None]:
    """Turn a store that does not answer into a `Refusal`."""
    try:
        yield
    except StoreUnavailableError as error:
        if unusable := told(error):
            raise Refusal(unusable.problem, unusable.remedy) from None
        raise Refusal(
            "the database does not answer, or the store of short-lived state",
            "check IDP_DATABASE_URL, IDP_STATE_URL and that nothing else holds the database locked",
        ) from None
