"""RFC 9700 section 4.14.2, in part: a refresh answer that was lost on the way, for clients that are given a grace.

Rotation takes whoever shows a used token for a thief. A client whose answer was lost has no other token to show. With a
grace (`refresh_token_grace_seconds`, off unless registered) the token used last may be shown once more for so long, and
is answered with a fresh successor, as long as nobody used the successor that was lost: that one is dead from then on,
and whoever shows it later ends the family. So two who hold copies of one token still find each other out, at the latest
when the second of them refreshes. The grace is counted from the first use and never grows.

What was replaced by what is kept in the short-lived store alone. When that forgets, there is no grace.
"""

from idp.domain.clients.client import Client
from idp.domain.ids import Seconds, TokenHash
from idp.ports.clock import Clock
from idp.ports.short_lived import ShortLivedStore


class RefreshGrace:
    """Remembers for a moment which turn of a refresh family came after which."""

    def __init__(self, store: ShortLivedStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def of(self, client: Client) -> Seconds | None:
        """Return until when a token that this client uses now may be shown again; None: never."""
        grace = client.refresh_token_grace
        return Seconds(self._clock.now() + grace) if grace else None

    async def remember(self, used: TokenHash, successor: TokenHash, until: Seconds) -> None:
        """Note, before it is known whether it will be so, that `successor` comes after `used`."""
        await self._store.put(_key(used, successor), str(until).encode(), until)

    async def until(self, client: Client, used: TokenHash, current: TokenHash) -> Seconds | None:
        """Return until when the grace of a used token lasts whose successor is still current; None when it is over."""
        if not client.refresh_token_grace:
            return None
        kept = await self._store.get(_key(used, current), self._clock.now())
        return None if kept is None else Seconds(int(kept))


def _key(used: TokenHash, successor: TokenHash) -> str:
    return f"refresh:{used.hex()}{successor.hex()}"
