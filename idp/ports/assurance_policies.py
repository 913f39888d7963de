"""The versions of the assurance policy, kept in process and looked at again when one is added."""

from typing import Protocol

from idp.domain.events import Event
from idp.domain.levels.assurance_policy import AssurancePolicy, RecordedPolicy


class AssurancePolicies(Protocol):
    """Reads and adds versions; none is ever changed."""

    async def in_force(self) -> AssurancePolicy:
        """The policy that counts now: no round trip while nothing changed (a new version is seen within a second)."""
        ...

    async def recorded(self) -> tuple[RecordedPolicy, ...]:
        """Every version but the first, which is always there; oldest first."""
        ...

    async def add(self, policy: AssurancePolicy, event: Event) -> bool:
        """Add the next version. False, and nothing recorded, when its number is not the next one any more."""
        ...
