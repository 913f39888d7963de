"""Counts how sign-ins for services go, in memory first: a request pays nothing, and a killed process loses seconds."""

from collections import Counter

from idp.domain.ids import Seconds
from idp.domain.levels.assurance import Method
from idp.domain.sign_ins.journey_count import KEPT, JourneyKey, JourneyStage, Way, hour_of
from idp.journeys.attempt import Attempt
from idp.journeys.visitor import Visitor
from idp.ports.clock import Clock
from idp.ports.journey_counts import JourneyCounts


class JourneyCounter:
    """One for each process."""

    def __init__(self, counts: JourneyCounts, clock: Clock) -> None:
        self._counts = counts
        self._clock = clock
        self._waiting: Counter[JourneyKey] = Counter()

    def begun(self, visitor: Visitor) -> None:
        """Somebody was sent here by a service and has to sign in, or to prove more."""
        self._count(visitor, JourneyStage.BEGUN, Way.USUAL)

    def completed(self, visitor: Visitor, attempt: Attempt) -> None:
        """Somebody got through; what was not begun for a service is not counted."""
        if attempt.parameters:
            self._count(visitor, JourneyStage.COMPLETED, way_of(attempt))

    async def flush(self) -> None:
        """Store what was counted since. Raises `StoreUnavailableError`, and keeps it then."""
        taken, self._waiting = self._waiting, Counter()
        if not taken:
            return
        try:
            await self._counts.add(taken, Seconds(self._clock.now() - KEPT))
        except BaseException:
            self._waiting.update(taken)
            raise

    def _count(self, visitor: Visitor, stage: JourneyStage, way: Way) -> None:
        hour = hour_of(self._clock.now())
        self._waiting[JourneyKey(hour, stage, visitor.form_factor, visitor.locale, way)] += 1


def way_of(attempt: Attempt) -> Way:
    """Return how somebody got through."""
    if attempt.enrolment.enrolled:
        return Way.FIRST_ENROLMENT
    if any(proof.method is Method.RECOVERY_CODE for proof in attempt.proofs):
        return Way.RECOVERY_CODE
    return Way.USUAL
