"""Work that recurs beside the requests: outbox delivery, sweeping, audit checkpoints.

A run that fails is reported and tried again, later each time up to eight periods; no job ends before it is told to.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

Pause = Callable[[asyncio.Event, float], Awaitable[None]]
"""Returns when the event is set or the seconds are over."""

LONGEST_BACKOFF = 8


@dataclass(frozen=True, slots=True)
class Job:
    """`run` is called every `every` seconds, counted from the end of the last run."""

    name: str
    every: float
    run: Callable[[], Awaitable[object]]


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
        self, jobs: Iterable[Job], report: Callable[[str, Exception], None], pause: Pause = wait_or_wake
    ) -> None:
        self._jobs = {job.name: job for job in jobs}
        self._report = report
        self._pause = pause
        self._failures = dict.fromkeys(self._jobs, 0)
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()

    def start(self) -> None:
        """Begin; every job runs at once and then in its period."""
        for job in self._jobs.values():
            self._tasks.add(asyncio.create_task(self._keep_running(job), name=f"job {job.name}"))

    def failing(self) -> tuple[str, ...]:
        """Return the jobs whose last run failed."""
        return tuple(name for name, count in self._failures.items() if count)

    async def stop(self, grace: float = 5.0) -> None:
        """Let runs in progress finish for `grace` seconds, then cut them off."""
        self._stopping.set()
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=grace)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        self._tasks.clear()

    async def _keep_running(self, job: Job) -> None:
        while not self._stopping.is_set():
            try:
                await job.run()
            except Exception as failure:  # noqa: BLE001 -- reported; the next run may succeed
                self._failures[job.name] += 1
                self._report(job.name, failure)
            else:
                self._failures[job.name] = 0
            if not self._stopping.is_set():
                await self._pause(self._stopping, job.every * min(2 ** self._failures[job.name], LONGEST_BACKOFF))
