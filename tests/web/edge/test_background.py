import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from idp.web.edge.background import (
    HANDED_OVER_AFTER,
    LONGEST_BACKOFF,
    OWNERSHIP,
    BackgroundJobs,
    Job,
    Pause,
    wait_or_wake,
)
from idp.web.edge.job_ownership import BEAT
from tests.adapters.turned_clock import START, TurnedClock


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


class Ownership:
    """What a test says this process owns; `beats` counts how often it was looked after."""

    def __init__(self) -> None:
        self.mine: set[str] = set()
        self.beats = 0
        self.fails = 0
        self.released = False
        self.keeps = False

    async def hand_over(self, job: str) -> None:
        if self.keeps:
            raise OSError("no")
        self.mine.discard(job)

    async def beat(self) -> None:
        self.beats += 1
        if self.fails:
            self.fails -= 1
            raise OSError("no")

    def holds(self, job: str) -> bool:
        return job in self.mine

    async def release(self) -> None:
        self.mine.clear()
        self.released = True


def silent(name: str, failure: Exception) -> None:
    """Hear of failures and do nothing."""


def background(
    jobs: Iterable[Job],
    pause: Pause = wait_or_wake,
    *,
    ownership: Ownership | None = None,
    report: Callable[[str, Exception], None] = silent,
) -> BackgroundJobs:
    return BackgroundJobs(jobs, ownership or Ownership(), TurnedClock(), report, pause)


async def turns(condition: Callable[[], bool]) -> None:
    """Let the loop turn until something is so; fails when it does not become so."""
    for _ in range(1_000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it did not happen")


async def test_a_job_runs_at_once_and_then_in_its_period() -> None:
    work, pauses = Work(), Pauses(3)
    jobs = background([Job("outbox", 2.0, work, everywhere=True)], pauses)
    jobs.start()
    while len(pauses.asked) < 3:  # noqa: ASYNC110 -- a few turns of the loop
        await asyncio.sleep(0)
    await jobs.stop()
    assert (work.runs, pauses.asked) == (3, [2.0, 2.0, 2.0])


async def test_a_failed_run_is_reported_and_tried_again_later_each_time() -> None:
    reported: list[tuple[str, str]] = []
    work, pauses = Work(fails=5), Pauses(6)
    jobs = background(
        [Job("outbox", 1.0, work, everywhere=True)],
        pauses,
        report=lambda name, failure: reported.append((name, type(failure).__name__)),
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


async def test_a_run_whose_work_was_cancelled_beneath_it_is_a_failed_run_like_others() -> None:
    reported: list[tuple[str, str]] = []
    done = asyncio.Event()
    pauses = Pauses(2)

    async def run() -> None:
        if reported:
            done.set()
            return
        waited_for = asyncio.get_running_loop().create_future()
        waited_for.cancel()
        await waited_for

    jobs = background(
        [Job("outbox", 1.0, run, everywhere=True)],
        pauses,
        report=lambda name, failure: reported.append((name, type(failure).__name__)),
    )
    jobs.start()
    await turns(done.is_set)
    await jobs.stop()
    assert reported == [("outbox", "CutOffError")]


async def test_stopping_lets_a_run_finish_and_cuts_off_one_that_does_not() -> None:
    started, finished = asyncio.Event(), []

    async def slow() -> None:
        started.set()
        await asyncio.sleep(0.01)
        finished.append("slow")

    async def endless() -> None:
        await asyncio.Event().wait()

    jobs = background([Job("slow", 1.0, slow, everywhere=True), Job("endless", 1.0, endless, everywhere=True)])
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


async def test_a_job_with_one_owner_runs_where_it_is_owned_and_nowhere_else() -> None:
    ownership, pauses = Ownership(), Pauses(10_000)
    mine, other = Work(), Work()
    jobs = background([Job("sweep", 60.0, mine), Job("notices", 60.0, other)], pauses, ownership=ownership)
    ownership.mine = {"sweep"}
    jobs.start()
    await turns(lambda: mine.runs > 1)
    assert other.runs == 0
    assert jobs.owned() == {"sweep": True, "notices": False}
    assert (jobs.holds("sweep"), jobs.holds("notices")) == (True, False)
    ownership.mine = {"notices"}
    await turns(lambda: other.runs > 1)
    ran = mine.runs
    await turns(lambda: other.runs > 5)
    assert mine.runs == ran
    assert BEAT in pauses.asked
    await jobs.stop()
    assert ownership.released


async def test_a_run_in_progress_is_broken_off_when_the_job_goes_to_somebody_else() -> None:
    ownership, began, ended = Ownership(), asyncio.Event(), []

    async def endless() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("broken off")

    jobs = background([Job("notices", 60.0, endless)], Pauses(10_000), ownership=ownership)
    ownership.mine = {"notices"}
    jobs.start()
    await began.wait()
    ownership.mine = set()
    await turns(lambda: ended == ["broken off"])
    assert jobs.failing() == ()
    await jobs.stop()


async def test_ownership_is_looked_after_however_often_the_store_fails() -> None:
    reported: list[str] = []
    ownership, pauses = Ownership(), Pauses(4)
    ownership.fails = 2
    jobs = background(
        [Job("sweep", 60.0, Work())], pauses, ownership=ownership, report=lambda name, _: reported.append(name)
    )
    jobs.start()
    await turns(lambda: ownership.beats == 2)
    assert jobs.failing() == (OWNERSHIP,)
    await turns(lambda: ownership.beats == 3)
    assert jobs.failing() == ()
    await jobs.stop()
    assert reported == [OWNERSHIP, OWNERSHIP]
    assert set(pauses.asked) == {BEAT}


async def test_ownership_that_cannot_be_given_back_is_reported_and_stops_nothing() -> None:
    reported: list[str] = []

    class Kept(Ownership):
        async def release(self) -> None:
            raise OSError("no")

    jobs = background([Job("sweep", 60.0, Work())], ownership=Kept(), report=lambda name, _: reported.append(name))
    jobs.start()
    await jobs.stop()
    assert reported == [OWNERSHIP]


async def test_the_last_good_run_of_each_job_is_told() -> None:
    good, bad, pauses = Work(), Work(fails=100), Pauses(8)
    jobs = background([Job("good", 1.0, good, everywhere=True), Job("bad", 1.0, bad, everywhere=True)], pauses)
    jobs.start()
    await good.done.wait()
    await turns(lambda: bad.runs > 0)
    assert jobs.last_success() == {"good": START}
    assert jobs.owned() == {}
    await jobs.stop()


async def test_a_job_that_fails_again_and_again_is_handed_over() -> None:
    ownership, work, pauses = Ownership(), Work(fails=100), Pauses(10_000)
    jobs = background([Job("sweep", 60.0, work)], pauses, ownership=ownership)
    ownership.mine = {"sweep"}
    jobs.start()
    await turns(lambda: ownership.mine == set())
    assert work.runs == HANDED_OVER_AFTER
    assert jobs.failing() == ()
    await turns(lambda: len(pauses.asked) > 20)
    assert work.runs == HANDED_OVER_AFTER
    await jobs.stop()


async def test_a_job_that_cannot_be_handed_over_is_tried_again_here() -> None:
    reported: list[str] = []
    ownership, work = Ownership(), Work(fails=HANDED_OVER_AFTER + 1)
    ownership.mine, ownership.keeps = {"sweep"}, True
    jobs = background(
        [Job("sweep", 60.0, work)], Pauses(10_000), ownership=ownership, report=lambda name, _: reported.append(name)
    )
    jobs.start()
    await work.done.wait()
    assert reported == ["sweep", "sweep", "sweep", OWNERSHIP, "sweep", OWNERSHIP]
    await jobs.stop()
