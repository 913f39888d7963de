"""What tells operators that somebody tries passwords everywhere."""

from collections.abc import Awaitable, Callable

from idp.adapters.foundation import Foundation
from idp.journeys.abuse.meters import Meters


def attack_level(at: Foundation) -> Callable[[], Awaitable[float]]:
    """Return what reads the level of the whole, the same on every node (`domain.abuse.attack`)."""
    meters = Meters(at.stores.short_lived, at.keys, at.settings.usual_failures)

    async def read() -> float:
        return float((await meters.highest_share(at.clock.now())).level)

    return read
