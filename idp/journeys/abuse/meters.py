"""Meters of failed tries: by account, by address, by network, and of everybody together.

The last one is kept in shares, a person's by a keyed hash, so that no row of a database takes every failure; an attack
across accounts fills them all alike, and one on a single account fills none: a person adds to it once in ten minutes.
"""

from asyncio import gather
from hashlib import sha256
from typing import Final

from idp.domain.abuse.attack import Readings
from idp.domain.ids import Seconds
from idp.domain.values import dataclass
from idp.journeys.visitor import Visitor
from idp.ports.keys import SubjectKeys
from idp.ports.short_lived import ShortLivedStore, Throttle

SHARE_INTERVAL: Final = 4
"""Seconds after which a share forgives a failure: so there are four shares for each usual failure in a second."""

_MOST_SAMPLED: Final = 16
_COUNTED_ONCE: Final = 600
_FORGIVES_ONCE: Final = 3600


@dataclass(frozen=True, slots=True)
class TryMeters:
    """The meters that one try touches; `subject` names each one's ground in keys of the store."""

    account: Throttle
    source: Throttle
    network: Throttle
    overall: Throttle
    in_network: Throttle
    in_all: Throttle
    forgiven: Throttle

    @property
    def read(self) -> tuple[Throttle, ...]:
        """What a try is judged by, in the order of `Readings`."""
        return (self.account, self.source, self.network, self.overall)

    def subject(self, ground: str) -> str:
        """The key of the meter that stands for `ground`; one for everybody."""
        if ground == "overall":
            return ground
        of_ground: Throttle = {"account": self.account, "source": self.source, "network": self.network}[ground]
        return of_ground.key


class Meters:
    """Reads and moves them."""

    def __init__(self, store: ShortLivedStore, keys: SubjectKeys, usual_failures: int) -> None:
        """`usual_failures`: how many sign-ins a second fail on a usual busy day, over all nodes."""
        self._store = store
        self._keys = keys
        self._shares = usual_failures * SHARE_INTERVAL

    def of(self, person: str, visitor: Visitor) -> TryMeters:
        """The meters of a try at `person`, any text that stands for an account or an identifier nobody has."""
        tag = self._keys.tag("meter", person)
        source, network = visitor.origin.source, visitor.network or visitor.origin.source
        return TryMeters(
            account=Throttle(f"meter:a:{tag}", burst=100, interval=30),
            source=Throttle(f"meter:s:{source}", burst=64, interval=300),
            network=Throttle(f"meter:n:{network}", burst=256, interval=60),
            overall=self._share(int.from_bytes(sha256(tag.encode()).digest()[:4], "big") % self._shares),
            in_network=Throttle(f"meter:fn:{tag}:{network}", burst=1, interval=_COUNTED_ONCE),
            in_all=Throttle(f"meter:fa:{tag}", burst=1, interval=_COUNTED_ONCE),
            forgiven=Throttle(f"meter:g:{tag}", burst=1, interval=_FORGIVES_ONCE),
        )

    async def read(self, meters: TryMeters, now: Seconds) -> Readings:
        """What they say."""
        return Readings(*await self._store.used(meters.read, now))

    async def highest_share(self, now: Seconds) -> Readings:
        """What some shares of the whole say, the highest of them; of a large installation a sample."""
        sampled = tuple(map(self._share, range(min(self._shares, _MOST_SAMPLED))))
        return Readings(overall=max(await self._store.used(sampled, now)))

    async def failed(self, meters: TryMeters, now: Seconds) -> None:
        """Count a try in vain. What a nearer meter, filled to the brim, explains does not count for wider ones."""
        await gather(self._store.take((meters.account,), now), self._spread(meters, now))

    async def succeeded(self, meters: TryMeters, readings: Readings, now: Seconds) -> None:
        """Forgive a failure where there are any, once an hour for each person."""
        if not (readings.source or readings.network or readings.overall):
            return
        if await self._store.take((meters.forgiven,), now) == 0:
            await self._store.give_back((meters.source, meters.network, meters.overall))

    async def is_news(self, subject: str, now: Seconds) -> bool:
        """Whether nobody said so in the last ten minutes."""
        return await self._store.take((Throttle(f"meter:said:{subject}", burst=1, interval=_COUNTED_ONCE),), now) == 0

    async def _spread(self, meters: TryMeters, now: Seconds) -> None:
        if await self._store.take((meters.in_network, meters.source, meters.network), now) == 0:
            await self._store.take((meters.in_all, meters.overall), now)

    def _share(self, number: int) -> Throttle:
        return Throttle(f"meter:o:{number}", burst=32, interval=SHARE_INTERVAL)
