"""Which background jobs this process does: each belongs to one process at a time, among all workers of all nodes."""

from collections.abc import Callable, Iterable
from typing import Final, Protocol

from idp.ports.leases import NOBODY, Lease, Leases

BEAT: Final = 3.0
"""Seconds between two renewals, and between two looks at what others do."""

HELD_FOR: Final = 10.0
"""Seconds from the beginning of a renewal for which the owner may rely on it."""

TAKEN_AFTER: Final = 12.0
"""Seconds that a lease has to stand still before somebody else takes it: two more than its owner relied on it.

After a sudden death the next owner begins within `TAKEN_AFTER` and twice `BEAT`, 18 seconds.
"""

LEFT_FOR: Final = 2 * BEAT
"""Seconds for which whoever handed a job over does not take it again: everybody else looks in that time."""

Stopwatch = Callable[[], float]
"""Seconds that only go forward, from any beginning, while a machine sleeps and a process is stopped too."""


class JobOwnership(Protocol):
    """What `BackgroundJobs` asks before it runs a job that has one owner."""

    async def beat(self) -> None:
        """Renew what is held and take what is free. Raises what the store raises."""
        ...

    def holds(self, job: str) -> bool:
        """Whether this process is the owner now: a run asks before each of its steps."""
        ...

    async def hand_over(self, job: str) -> None:
        """Give one job back and leave it to somebody else, if there is anybody. Raises what the store raises."""
        ...

    async def release(self) -> None:
        """Give everything back."""
        ...


class LeasedJobs:
    """`JobOwnership` among the processes that share one database. `owner` names this process and no other, ever."""

    def __init__(self, leases: Leases, jobs: Iterable[str], owner: str, stopwatch: Stopwatch) -> None:
        self._leases = leases
        self._jobs = tuple(jobs)
        self._owner = owner
        self._stopwatch = stopwatch
        self._held_until: dict[str, float] = {}
        self._standing: dict[str, tuple[Lease, float]] = {}
        self._left_until: dict[str, float] = {}

    async def beat(self) -> None:
        if self._held_until:
            await self._renew()
        leases = {lease.job: lease for lease in await self._leases.look()}
        now = self._stopwatch()
        for job in self._jobs:
            is_left = now < self._left_until.get(job, now)
            if job not in self._held_until and not is_left and self._is_free(job, leases.get(job), now):
                await self._take(job, leases.get(job))

    def holds(self, job: str) -> bool:
        until = self._held_until.get(job)
        return until is not None and self._stopwatch() < until

    async def hand_over(self, job: str) -> None:
        await self._leases.release(self._owner, job)
        self._held_until.pop(job, None)
        self._left_until[job] = self._stopwatch() + LEFT_FOR

    async def release(self) -> None:
        self._held_until.clear()
        await self._leases.release(self._owner)

    async def _renew(self) -> None:
        until = self._stopwatch() + HELD_FOR
        renewed = await self._leases.renew(self._owner)
        self._held_until = dict.fromkeys((lease.job for lease in renewed), until)

    async def _take(self, job: str, seen: Lease | None) -> None:
        until = self._stopwatch() + HELD_FOR
        if await self._leases.take(job, self._owner, seen) is not None:
            self._held_until[job] = until

    def _is_free(self, job: str, lease: Lease | None, now: float) -> bool:
        """Whether nobody has the job, or whoever has it has not been heard of for long enough."""
        if lease is None or lease.owner == NOBODY:
            return True
        known, since = self._standing.get(job, (None, now))
        if known != lease:
            since = now
        self._standing[job] = (lease, since)
        return now - since >= TAKEN_AFTER
