"""What `idp keys rewrap` does: a new wrapping key, every data key under it, and the former one retired.

Whatever moment it dies at, the next run goes on: what was announced is promoted, what was moved is skipped.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import field, replace
from functools import partial
from typing import Final, TypeVar

from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.crypto.vault import KeystoreVault
from idp.adapters.crypto.wrapping_keys import WrappingKey, WrappingState
from idp.adapters.key_trail import KeyTrail
from idp.adapters.sql.database import Database
from idp.adapters.sql.rewrapping import KEEPERS, PERSONS, START, ClientRewrapping, Rewrapping, WrappedKey
from idp.cli.opening import Provider
from idp.cli.refusal import Refusal
from idp.domain.clients.client_secret import SealedSecret
from idp.domain.clients.client_secret_rotation import with_sealed_secrets
from idp.domain.values import dataclass
from idp.ports.errors import StoreUnavailableError
from idp.ports.vault import VaultError

ANNOUNCED_FOR: Final = 5.0
"""Seconds between making a key and sealing with it: running nodes look at the keystore every second."""

_MOST_WALKS: Final = 5
_TRIES: Final = 5

T = TypeVar("T")

Pause = Callable[[float], Awaitable[None]]
Progress = Callable[[int, int | None], None]
"""Hears how many persons were walked past, and of how many, where that is known."""


@dataclass(slots=True)
class Walk:
    """What one walk over every data key found: keys by version, how many were moved, and those that do not open."""

    versions: Counter[int] = field(default_factory=Counter)
    moved: int = 0
    unopened: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it; `versions` is the count of the last walk, which moved nothing."""

    version: int
    moved: int
    unopened: int
    versions: Mapping[int, int]
    keys: tuple[WrappingKey, ...]


async def rewrap(provider: Provider, *, finish: bool, pause: Pause, progress: Progress) -> Outcome:
    """Move every data key to a new wrapping key; with `finish` make none, only complete what was begun.

    Raises `Refusal` when the keystore cannot be changed, or somebody keeps on sealing with a former key.
    """
    try:
        await _promote(provider, finish=finish, pause=pause)
        vault = provider.keystore.vault()
        moved, last = await _walk_until_settled(provider, vault, progress)
        changed = provider.keystore.wrapping_keys.found_in_use(last.versions)
        await _record(provider, [key for key in changed if key.state is WrappingState.GONE])
        keys = provider.keystore.wrapping_keys.load()
    except KeyMaterialError as error:
        raise Refusal(error.problem, error.remedy) from None
    return Outcome(vault.wrapping_version(), moved, last.unopened, last.versions, keys)


async def _promote(provider: Provider, *, finish: bool, pause: Pause) -> None:
    """Make and announce a new version, unless one is announced or a former one is not emptied yet."""
    keys = provider.keystore.wrapping_keys
    before = keys.load()
    announced = any(key.state is WrappingState.NEXT for key in before)
    unfinished = any(key.state is WrappingState.FORMER and key.unused_since is None for key in before)
    if not announced and (finish or unfinished):
        return
    upcoming = keys.announce()
    if not announced:
        await _record(provider, [upcoming])
    await pause(ANNOUNCED_FOR)
    await _record(provider, keys.promote(upcoming.version))
    # By then no node seals with the former key any more that is not standing still.
    await pause(ANNOUNCED_FOR)


async def _walk_until_settled(provider: Provider, vault: KeystoreVault, progress: Progress) -> tuple[int, Walk]:
    """Walk until a walk finds nothing to move: that is the proof."""
    moved = 0
    for _ in range(_MOST_WALKS):
        walk = await _walk(provider.stores.database, vault, progress)
        moved += walk.moved
        if not walk.moved:
            return moved, walk
    raise Refusal(
        f"data keys still come in under a former wrapping key, after {moved} were moved",
        "see that every node can read the keystore, then run it again",
    )


async def _walk(database: Database, vault: KeystoreVault, progress: Progress) -> Walk:
    walk, persons = Walk(), Rewrapping(database)
    try:
        total = await persons.count()
    except StoreUnavailableError:
        # Counting everybody takes longer than the database is given; the bar does without.
        total = None
    passed = 0
    progress(passed, total)
    async for rows in _walk_rows(persons, vault, walk):
        passed += rows
        progress(passed, total)
    for keeper in KEEPERS:
        if keeper is not PERSONS:
            async for _ in _walk_rows(Rewrapping(database, keeper), vault, walk):
                pass
    await _walk_clients(ClientRewrapping(database), vault, walk)
    return walk


async def _walk_rows(rewrapping: Rewrapping, vault: KeystoreVault, walk: Walk) -> AsyncIterator[int]:
    """Move the keys of one table; yields how many rows each step walked past."""
    after = START
    while keys := await _patiently(partial(rewrapping.page, after)):
        changes = _moved(keys, vault, walk)
        if changes:
            await _patiently(partial(rewrapping.replace, changes))
        after = keys[-1].row
        yield len({key.row for key in keys})


async def _walk_clients(rewrapping: ClientRewrapping, vault: KeystoreVault, walk: Walk) -> None:
    after = ""
    while clients := await _patiently(partial(rewrapping.page, after)):
        for client in clients:
            rewrapped = with_sealed_secrets(client, partial(_resealed, vault, walk))
            if rewrapped != client:
                await _patiently(partial(rewrapping.replace, client, rewrapped))
        after = clients[-1].client_id


def _resealed(vault: KeystoreVault, walk: Walk, sealed: SealedSecret) -> SealedSecret:
    return replace(sealed, wrapped_key=_rewrapped(sealed.wrapped_key, vault, walk) or sealed.wrapped_key)


def _moved(keys: Sequence[WrappedKey], vault: KeystoreVault, walk: Walk) -> dict[WrappedKey, bytes]:
    """Return the new values of those that lie under a former key, and count all."""
    return {key: moved for key in keys if (moved := _rewrapped(key.value, vault, walk))}


def _rewrapped(value: bytes, vault: KeystoreVault, walk: Walk) -> bytes | None:
    """Return the new value of a key that lies under a former one, and count it."""
    version = value[0] if value else 0
    walk.versions[version] += 1
    if version == vault.wrapping_version():
        return None
    try:
        rewrapped = vault.rewrap(value)
    except VaultError:
        walk.unopened += 1
        return None
    walk.moved += 1
    return rewrapped


async def _patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """Return the answer of a database that may be failing over: asking again changes nothing that was done."""
    for _ in range(_TRIES - 1):
        try:
            return await ask()
        except StoreUnavailableError as unavailable:
            await asyncio.sleep(unavailable.retry_after)
    return await ask()


async def _record(provider: Provider, keys: Iterable[WrappingKey]) -> None:
    if changed := tuple(keys):
        await KeyTrail(provider.keystore, provider.stores.told_keys, provider.clock).record(changed, provider.origin)
