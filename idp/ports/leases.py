"""Who does the work that only one process may do at a time."""

from typing import Protocol

from idp.domain.values import dataclass

NOBODY = ""
"""The owner of a lease that was given back."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A job as it stands. `fence` grows with every change of owner, `beat` with everything that happens to the lease.

    There is no moment in it: whoever waits measures by its own watch for how long nothing happened (`Leases`).
    """

    job: str
    owner: str
    fence: int
    beat: int


class Leases(Protocol):
    """Leases, changed by one conditional statement each.

    Clocks of different machines are never compared, and one that jumps moves nothing: nobody asks for the time of day,
    not even the engine's. An owner renews, which changes the lease, and holds the job for so many seconds from *before*
    its last renewal, by its own stopwatch. Somebody else may take a lease that stood still for longer than that from
    *after* seeing it so for the first time, by a stopwatch too. Whoever saw the lease saw it written, so the waiting
    time began later than the owner's time, and ends later.
    """

    async def look(self) -> tuple[Lease, ...]:
        """Every lease there is."""
        ...

    async def take(self, job: str, owner: str, seen: Lease | None) -> Lease | None:
        """Make `owner` the owner unless the lease changed since it was seen (None: there was none); None if it did."""
        ...

    async def renew(self, owner: str) -> tuple[Lease, ...]:
        """Renew what `owner` has; those leases. What somebody else took meanwhile is not among them."""
        ...

    async def release(self, owner: str, job: str | None = None) -> None:
        """Give back one job of `owner`, or all of them: whoever looks next may take it at once."""
        ...
