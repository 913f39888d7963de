"""RFC 7519 section 4.1.7, RFC 9449 section 11.1, RFC 7523 section 3: a `jti` is good once.

Marks live in the short-lived store alone. One that may have been forgotten must not be good twice: whatever was issued
before the store began to remember is refused, allowing for clocks that run ahead.
"""

from hashlib import sha256
from typing import Final

from idp.domain.ids import Seconds
from idp.ports.clock import CLOCK_TOLERANCE, Clock
from idp.ports.short_lived import ShortLivedStore

LONGEST_IDENTIFIER: Final = 512
"""Characters of a `jti`."""


class ReplayedError(Exception):
    """The identifier was used before, or nobody can know that it was not."""


class ReplayMarks:
    """Marks identifiers as used."""

    def __init__(self, store: ShortLivedStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def use(self, kind: str, holder: str, identifier: str, issued_at: int, good_until: int) -> None:
        """Mark `identifier`, one of `holder`'s of this `kind`; raises `ReplayedError` when it was marked before.

        `good_until` is when the token is refused for its age; the mark outlives it, and now, whatever somebody wrote
        into a token that is refused anyway. Exactly one of any number of concurrent callers gets through.
        """
        now = self._clock.now()
        forgotten_at = Seconds(max(good_until, now) + CLOCK_TOLERANCE)
        digest = sha256(f"{holder}\0{identifier}".encode(errors="surrogatepass")).hexdigest()
        count, since = await self._store.mark(f"{kind}:{digest}", now, forgotten_at)
        if count > 1:
            raise ReplayedError("used before")
        if since and issued_at <= since + CLOCK_TOLERANCE:
            raise ReplayedError("the store may have forgotten an earlier use")
