"""Codes that prove more than a password before a first second factor: sent to a contact, or given at a counter."""

from enum import StrEnum
from hmac import compare_digest
from types import MappingProxyType

from idp.domain.ids import AccountId, Seconds
from idp.journeys.refusals import CodeExpiredError, WrongCodeError
from idp.ports.clock import Clock, Entropy
from idp.ports.keys import SubjectKeys
from idp.ports.short_lived import ShortLivedStore

MOST_TRIES = 5
"""Wrong tries that end a code."""


class Channel(StrEnum):
    """How a code reaches its person; each channel holds one code at a time."""

    CONTACT = "contact"
    COUNTER = "counter"


DIGITS = MappingProxyType({Channel.CONTACT: 6, Channel.COUNTER: 8})
"""Codes of a counter are longer, so that guesses at the one kind do not use up the tries of the other."""

LIFETIMES = MappingProxyType({Channel.CONTACT: 15 * 60, Channel.COUNTER: 72 * 3600})
"""Seconds."""

_USED_UP = b""
"""What takes the place of a code that was accepted; it has expired already."""


class ActivationCodes:
    """Codes in the short-lived store, kept as keyed hashes, used once."""

    def __init__(self, store: ShortLivedStore, keys: SubjectKeys, clock: Clock, entropy: Entropy) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock
        self._entropy = entropy

    async def issue(self, account_id: AccountId, channel: Channel) -> str:
        """A fresh code; an earlier one of the channel stops working."""
        code = self._entropy.digits(DIGITS[channel])
        serial = self._entropy.token(9)
        expires_at = Seconds(self._clock.now() + LIFETIMES[channel])
        value = f"{serial} {self._tag(account_id, code)}".encode()
        await self._store.put(_key(account_id, channel), value, expires_at)
        return code

    async def accept(self, account_id: AccountId, typed: str) -> Channel:
        """Use up the code. Raises `WrongCodeError`, or `CodeExpiredError` when no code is alive (any more)."""
        fitting = [channel for channel in Channel if len(typed) == DIGITS[channel]]
        if not fitting:
            raise WrongCodeError
        alive = False
        for channel in fitting:
            outcome = await self._try(account_id, channel, typed)
            if outcome:
                return channel
            alive = alive or outcome is False
        if alive:
            raise WrongCodeError
        raise CodeExpiredError

    async def _try(self, account_id: AccountId, channel: Channel, typed: str) -> bool | None:
        """True: right, and used up now. False: wrong. None: no code of this channel is alive."""
        now = self._clock.now()
        key = _key(account_id, channel)
        stored = await self._store.get(key, now)
        if not stored:
            return None
        serial, _, tag = stored.decode().partition(" ")
        # The count outlives the code, which therefore may stay where it is: another may stand there by now.
        tries = await self._store.increment(f"activation-tries:{serial}", now, Seconds(now + LIFETIMES[channel]))
        if tries > MOST_TRIES:
            return None
        if not compare_digest(tag.encode(), self._tag(account_id, typed).encode()):
            return False
        # This very code and no other: of those who type it at once one uses it up, and a newer one stays.
        return await self._store.replace(key, stored, _USED_UP, now)

    def _tag(self, account_id: AccountId, code: str) -> str:
        return self._keys.tag("activation-code", f"{account_id}\n{code}")


def _key(account_id: AccountId, channel: Channel) -> str:
    return f"activation:{channel}:{account_id}"
