"""Who typed a right user code on this browser signs in first and decides afterwards; nobody else goes on from there."""

from hashlib import sha256
from hmac import compare_digest

import msgspec

from idp.domain.ids import Seconds
from idp.domain.values import dataclass
from idp.journeys.attempt import LIFETIME, browser_hash
from idp.ports.clock import Clock, Entropy
from idp.ports.short_lived import ShortLivedStore


@dataclass(frozen=True, slots=True)
class _Visit:
    browser: bytes
    reference: str


class DeviceVisits:
    """Remembers, for one browser, which request it came to by its code."""

    def __init__(self, store: ShortLivedStore, clock: Clock, entropy: Entropy) -> None:
        self._store = store
        self._clock = clock
        self._entropy = entropy

    async def begin(self, reference: str, browser_token: str) -> str:
        """A name for the visit that cannot be guessed."""
        name = self._entropy.token(16)
        value = msgspec.msgpack.encode(_Visit(browser_hash(browser_token), reference))
        await self._store.put(_key(name), value, Seconds(self._clock.now() + LIFETIME))
        return name

    async def reference(self, name: str, browser_token: str) -> str | None:
        """The request that the visit is about, if it is this browser's."""
        stored = await self._store.get(_key(name), self._clock.now())
        if stored is None:
            return None
        visit = msgspec.msgpack.decode(stored, type=_Visit)
        return visit.reference if compare_digest(visit.browser, browser_hash(browser_token)) else None


def _key(name: str) -> str:
    return f"device-visit:{sha256(name.encode()).hexdigest()}"
