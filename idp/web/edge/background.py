"""Work that recurs beside the requests: outbox delivery, sweeping, audit checkpoints, notices.

A run that fails is reported and tried again, later each time up to eight periods; no job ends before it is told to.
What one process does for all runs where its ownership lies, from the moment that it comes to the moment that it goes.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final

from idp.domain.ids import Seconds
from idp.domain.values import dataclass
from idp.ports.clock import Clock
from idp.web.edge.job_ownership import BEAT, JobOwnership

Pause = Callable[[asyncio.Event, float], Awaitable[None]]
"""Returns when the event is set or the seconds are over."""

LONGEST_BACKOFF = 8

HANDED_OVER_AFTER: Final = 3
"""Failed runs in a row after which somebody else may try: the fault may be this node's clock, disk or network."""

OWNERSHIP: Final = "job ownership"
"""What `report` and `failing` call the work of finding out who does which job."""


@dataclass(frozen=True, slots=True)
class Job:
    """`run` is called every `every` seconds, counted from the end of the last run.

    `everywhere`: each process does it for itself; else one process does it for all workers of all nodes. Its runs may
    overlap for a moment when a node stood still and comes back, so they do no harm when they do; long ones ask
    `BackgroundJobs.holds` before each step.
    """

    name: str
    every: float
    run: Callable[[], Awaitable[object]]
    everywhere: bool = False


class CutOffError(Exception):
    """What a run waited for was cancelled; the run was not."""


async def wait_or_wake(wake: asyncio.Event, seconds: float) -> None:
    """Return when `wake` is set, or after `seconds`."""
    try:
        async with asyncio.timeout(seconds):
            await wake.wait()
    except TimeoutError:
        return


class BackgroundJobs:
    """Runs jobs from `start` to `stop`. `report` hears of every failed run, with the job's name."""

    def __init__(
        self,
        jobs: Iterable[Job],
        ownership: JobOwnership,
        clock: Clock,
        report: Callable[[str, Exception], None],
        pause: Pause = wait_or_wake,
    ) -> None:
        self._jobs = {job.name: job for job in jobs}
        self._ownership = ownership
        self._clock = clock
        self._report = report
        self._pause = pause
        self._failures = dict.fromkeys((*self._jobs, OWNERSHIP), 0)
        self._succeeded: dict[str, Seconds] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._stopping = asyncio.Event()

    def start(self) -> None:
        """Begin; every job runs at once, or when this process becomes its owner, and then in its period."""
        for job in self._jobs.values():
            if job.everywhere:
                self._begin(job)
        if not all(job.everywhere for job in self._jobs.values()):
            self._tasks[OWNERSHIP] = asyncio.create_task(self._keep_owning(), name=OWNERSHIP)

    def holds(self, name: str) -> bool:
        """Whether this process may go on with a job."""
        return self._jobs[name].everywhere or self._ownership.holds(name)

    def owned(self) -> Mapping[str, bool]:
        """Return every job that has one owner, and whether that is this process."""
        return {job.name: self._ownership.holds(job.name) for job in self._jobs.values() if not job.everywhere}

    def last_success(self) -> Mapping[str, Seconds]:
        """Return when each job last ended well in this process; those that never did are not in it."""
        return dict(self._succeeded)

    def failing(self) -> tuple[str, ...]:
        """Return the jobs whose last run failed."""
        return tuple(name for name, count in self._failures.items() if count)

    async def stop(self, grace: float = 5.0) -> None:
        """Let runs in progress finish for `grace` seconds, cut off the others, and let somebody else own the jobs."""
        self._stopping.set()
        owning = OWNERSHIP in self._tasks
        if self._tasks:
            _, late = await asyncio.wait(self._tasks.values(), timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
            self._tasks.clear()
        if owning:
            try:
                await self._ownership.release()
            except Exception as failure:  # noqa: BLE001 -- others take the jobs over a little later
                self._report(OWNERSHIP, failure)

    def _begin(self, job: Job) -> None:
        self._tasks[job.name] = asyncio.create_task(self._keep_running(job), name=f"job {job.name}")

    async def _keep_owning(self) -> None:
        while not self._stopping.is_set():
            await self._attempt(OWNERSHIP, self._ownership.beat)
            self._follow_ownership()
            if not self._stopping.is_set():
                await self._pause(self._stopping, BEAT)

    def _follow_ownership(self) -> None:
        """Begin the jobs that came to this process, and break off those that went."""
        for name, is_owner in self.owned().items():
            task = self._tasks.get(name)
            if is_owner and (task is None or task.done()) and not self._stopping.is_set():
                self._begin(self._jobs[name])
            elif not is_owner and task is not None and not task.done():
                task.cancel()

    async def _keep_running(self, job: Job) -> None:
        while not self._stopping.is_set() and self.holds(job.name):
            if await self._attempt(job.name, job.run):
                self._succeeded[job.name] = self._clock.now()
            elif not job.everywhere and self._failures[job.name] >= HANDED_OVER_AFTER:
                await self._hand_over(job.name)
            if not self._stopping.is_set() and self.holds(job.name):
                await self._pause(self._stopping, job.every * min(2 ** self._failures[job.name], LONGEST_BACKOFF))

    async def _hand_over(self, name: str) -> None:
        try:
            await self._ownership.hand_over(name)
        except Exception as failure:  # noqa: BLE001 -- the job stays here, as it would without anybody else
            self._report(OWNERSHIP, failure)
        else:
            self._failures[name] = 0

    async def _attempt(self, name: str, run: Callable[[], Awaitable[object]]) -> bool:
        """Run once; whether that ended well."""
        try:
            await _not_cut_off(run)
        except Exception as failure:  # noqa: BLE001 -- reported; the next run may succeed
            self._failures[name] += 1
            self._report(name, failure)
            return False
        self._failures[name] = 0
        return True


async def _not_cut_off(run: Callable[[], Awaitable[object]]) -> None:
    """Run; a cancellation that nobody asked of this task is a failure like others, or the job would end unseen."""
    try:
        await run()
    except asyncio.CancelledError as cancelled:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise CutOffError from cancelled
