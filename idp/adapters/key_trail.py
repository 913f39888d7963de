"""What becomes of keys, as the audit trail tells it: also where nobody was left to tell."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeAlias

from idp.adapters.crypto.encryption_keys import EncryptionKey, EncryptionKeyState
from idp.adapters.crypto.keystore import Keystore
from idp.adapters.crypto.signing_keys import SigningKey
from idp.adapters.crypto.wrapping_keys import WrappingKey
from idp.domain.events import EncryptionKeyChanged, Event, Origin, SigningKeyChanged, WrappingKeyChanged
from idp.ports.clock import Clock
from idp.ports.told_keys import KeyTransition, ToldKeys

Key: TypeAlias = SigningKey | EncryptionKey | WrappingKey

LEFT_AFTER: Final = 60
"""Seconds. Whoever changes keys tells of it at once, under the own origin; what is older, nobody will tell."""


class KeyTrail:
    """Records what becomes of the keys of a keystore."""

    def __init__(self, keystore: Keystore, told: ToldKeys, clock: Clock) -> None:
        self._keystore = keystore
        self._told = told
        self._clock = clock

    async def record(self, changed: Iterable[Key], origin: Origin) -> None:
        """Record keys that changed, and those whose change was not recorded: its process was stopped, or the database.

        The first time of all nothing is known to compare with, and what did not change now counts as told.
        """
        every = await asyncio.to_thread(self._load)
        told = await self._told.states()
        news = {_name(key): key for key in changed}
        if told:
            news = {_name(key): key for key in self._left(every, told)} | news
        else:
            await self._told.assume({_name(key): key.state.value for key in every if _name(key) not in news})
        if news:
            await self._told.tell([_transition(key, origin) for key in news.values()])

    def _load(self) -> tuple[Key, ...]:
        keystore = self._keystore
        return (*keystore.signing_keys.load(), *keystore.encryption_keys.load(), *keystore.wrapping_keys.load())

    def _left(self, keys: Iterable[Key], told: Mapping[str, str]) -> Iterator[Key]:
        before = self._clock.now() - LEFT_AFTER
        for key in keys:
            # A key that clients encrypted to is former by the next one, which is told.
            follows = key.state is EncryptionKeyState.FORMER
            if not follows and key.state_since <= before and told.get(_name(key)) != key.state.value:
                yield key


def _name(key: Key) -> str:
    return f"wrapping-{key.version}" if isinstance(key, WrappingKey) else key.kid


def _transition(key: Key, origin: Origin) -> KeyTransition:
    return KeyTransition(_name(key), key.state.value, _event(key, origin))


def _event(key: Key, origin: Origin) -> Event:
    state = key.state.value
    if isinstance(key, WrappingKey):
        return WrappingKeyChanged(origin=origin, version=key.version, state=state)
    event = SigningKeyChanged if isinstance(key, SigningKey) else EncryptionKeyChanged
    return event(origin=origin, key_id=key.kid, state=state)
