"""Posts that end on their day: whoever holds no other is locked, and everything that is open ends."""

from collections.abc import Callable
from typing import Final

from idp.domain.events import Origin
from idp.domain.ids import RequestId
from idp.ports.clock import Clock, Entropy
from idp.ports.officers import Officers

BATCH: Final = 100
"""Posts that one transaction settles."""


class EndedPosts:
    """Sees to posts that have ended. Roles and claims are gone already: they are read for the moment."""

    def __init__(self, officers: Officers, clock: Clock, entropy: Entropy) -> None:
        self._officers = officers
        self._clock = clock
        self._entropy = entropy

    async def settle(self, may_go_on: Callable[[], bool]) -> int:
        """See to everything that is due, in batches, asking `may_go_on` before each; how many posts."""
        origin = Origin(RequestId(self._entropy.identifier()), "rule")
        settled = 0
        while may_go_on():
            found = await self._officers.settle(self._clock.now(), BATCH, origin)
            settled += found
            if found < BATCH:
                break
        return settled
