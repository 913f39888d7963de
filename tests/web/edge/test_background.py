import asyncio
from dataclasses import dataclass, field

from idp.web.edge.background import LONGEST_BACKOFF, BackgroundJobs, Job, wait_or_wake


@dataclass
class Work:
    fails: int = 0
    runs: int = 0
    done: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self) -> None:
        self.runs += 1
        if self.fails:
            self.fails -= 1
            raise OSError("no")
        self.done.set()


@dataclass
class Pauses:
    """Stands in for time: notes each pause and ends it at once, for so many times."""

    left: int
    asked: list[float] = field(default_factory=list)

    async def __call__(self, wake: asyncio.Event, seconds: float) -> None:
        self.asked.append(seconds)
        if len(self.asked) >= self.left:
            await wake.wait()
        else:
            await asyncio.sleep(0)


async def test_a_job_runs_at_once_and_then_in_its_period() -> None:
    work, pauses = Work(), Pauses(3)
    jobs = BackgroundJobs([Job("outbox", 2.0, work)], lambda name, failure: None, pauses)
    jobs.start()
    while len(pauses.asked) < 3:  # noqa: ASYNC110 -- a few turns of the loop
        await asyncio.sleep(0)
    await jobs.stop()
    assert (work.runs, pauses.asked) == (3, [2.0, 2.0, 2.0])


async def test_a_failed_run_is_reported_and_tried_again_later_each_time() -> None:
    reported: list[tuple[str, str]] = []
    work, pauses = Work(fails=5), Pauses(6)
    jobs = BackgroundJobs(
        [Job("outbox", 1.0, work)], lambda name, failure: reported.append((name, type(failure).__name__)), pauses
    )
    jobs.start()
    while len(pauses.asked) < 5:  # noqa: ASYNC110 -- a few turns of the loop
        await asyncio.sleep(0)
    assert jobs.failing() == ("outbox",)
    await work.done.wait()
    while len(pauses.asked) < 6:  # noqa: ASYNC110 -- a few turns of the loop
        await asyncio.sleep(0)
    assert jobs.failing() == ()
    await jobs.stop()
    assert reported == [("outbox", "OSError")] * 5
    assert pauses.asked == [2.0, 4.0, 8.0, 8.0, 8.0, 1.0]
    assert max(pauses.asked) == LONGEST_BACKOFF


async def test_stopping_lets_a_run_finish_and_cuts_off_one_that_does_not() -> None:
    started, finished = asyncio.Event(), []

    async def slow() -> None:
        started.set()
        await asyncio.sleep(0.01)
        finished.append("slow")

    async def endless() -> None:
        await asyncio.Event().wait()

    jobs = BackgroundJobs([Job("slow", 1.0, slow), Job("endless", 1.0, endless)], lambda name, failure: None)
    jobs.start()
    await started.wait()
    await jobs.stop(grace=0.1)
    assert finished == ["slow"]
    await jobs.stop()


async def test_a_pause_ends_in_time_or_when_woken() -> None:
    wake = asyncio.Event()
    await wait_or_wake(wake, 0.001)
    assert not wake.is_set()
    wake.set()
    await wait_or_wake(wake, 3600)
