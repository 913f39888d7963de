"""Counts of sign-ins begun and completed."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from idp.domain.ids import Seconds
from idp.domain.sign_ins.journey_count import JourneyKey


class JourneyCounts(Protocol):
    """Adds up what many processes count."""

    async def add(self, counts: Mapping[JourneyKey, int], oldest: Seconds) -> None:
        """Add to what is there; hours before `oldest` are forgotten."""
        ...

    async def between(self, since: Seconds, until: Seconds) -> Sequence[tuple[JourneyKey, int]]:
        """Every count of the hours from `since` up to `until`."""
        ...
