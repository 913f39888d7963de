"""Stands before the password: throttles, meters and, while somebody attacks, work."""

from asyncio import gather
from dataclasses import field

from idp.domain.abuse.attack import Readings, price_of
from idp.domain.events import AttackNoticed, ChallengeMet, ChallengeRefused
from idp.domain.values import dataclass
from idp.journeys.abuse.challenges import Bound, Challenge, Challenges, ShownWork, WorkFirstError
from idp.journeys.abuse.meters import Meters, TryMeters
from idp.journeys.floods import Floods
from idp.journeys.throttling import SlowDownError, Throttles, Throttling
from idp.journeys.visitor import Visitor
from idp.ports.audit import AuditTrail
from idp.ports.clock import Clock


@dataclass(frozen=True, slots=True)
class Admitted:
    """A try that may be looked at. A known device's touches no meter: nobody else can make its tries costly."""

    visitor: Visitor
    throttles: Throttles
    meters: TryMeters | None = None
    readings: Readings = field(default_factory=Readings)


class PasswordGuard:
    """Admits tries, and hears how they ended."""

    def __init__(
        self,
        throttling: Throttling,
        meters: Meters,
        challenges: Challenges,
        audit: AuditTrail,
        floods: Floods,
        clock: Clock,
    ) -> None:
        self._throttling = throttling
        self._meters = meters
        self._challenges = challenges
        self._audit = audit
        self._floods = floods
        self._clock = clock

    async def offer(self, bound: Bound, visitor: Visitor) -> Challenge | None:
        """What a try from here costs now, before a user name is known; None in calm times.

        A browser with the cookie of a known device is asked for nothing yet: whose device it is shows when somebody is
        named, and whoever shows a cookie that is not the named one's is asked then.
        """
        if visitor.device:
            return None
        readings = await self._meters.read(self._meters.of(bound.attempt_id, visitor), self._clock.now())
        price = price_of(readings)
        return self._challenges.make(bound, price) if price else None

    async def admit(
        self, bound: Bound, person: str, visitor: Visitor, work: ShownWork, *, known_device: str | None
    ) -> Admitted:
        """Take a try at `person`. Raises `SlowDownError`, or `WorkFirstError`, which is one.

        The meters are read while the try is taken: no further round trip.
        """
        throttles = self._throttling.for_password(
            person, visitor.origin.source, visitor.network, known_device=known_device
        )
        now = self._clock.now()
        if known_device:
            await self._throttling.take(throttles, now)
            return Admitted(visitor, throttles)
        meters = self._meters.of(person, visitor)
        _, readings = await gather(self._throttling.take(throttles, now), self._meters.read(meters, now))
        price = price_of(readings)
        if price is None:
            return Admitted(visitor, throttles, meters, readings)
        if readings.exhausted:
            await self._turned_away("share", visitor)
            raise SlowDownError(meters.source.interval)
        try:
            done = await self._challenges.redeem(bound, work, price, visitor)
        except WorkFirstError as first:
            await self._turned_away(first.reason, visitor)
            raise
        await self._audit.record(ChallengeMet(origin=visitor.origin, way=done.way, bits=price.bits))
        return Admitted(visitor, (*throttles, *done.returned), meters, readings)

    async def failed(self, admitted: Admitted) -> None:
        """The password was wrong, or nobody has that name."""
        if admitted.meters is None:
            return
        now = self._clock.now()
        await self._meters.failed(admitted.meters, now)
        for ground in admitted.readings.grounds:
            if await self._meters.is_news(admitted.meters.subject(ground), now):
                level = admitted.readings.level.name.lower()
                await self._audit.record(AttackNoticed(origin=admitted.visitor.origin, ground=ground, level=level))

    async def succeeded(self, admitted: Admitted) -> None:
        """The password was right: the try does not count."""
        await self._throttling.give_back(admitted.throttles)
        if admitted.meters is not None:
            await self._meters.succeeded(admitted.meters, admitted.readings, self._clock.now())

    async def unanswered(self, admitted: Admitted) -> None:
        """There was no room to look at the password."""
        await self._throttling.give_back(admitted.throttles)

    async def _turned_away(self, reason: str, visitor: Visitor) -> None:
        """Tries without work are cheap to make: what is more than a few a second is counted."""
        await self._floods.record("challenge", reason, ChallengeRefused(origin=visitor.origin, reason=reason))
