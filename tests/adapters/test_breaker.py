import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from idp.adapters.breaker import FAILURES, PAUSE, WINDOW, Breaker, State
from idp.ports.errors import StoreAnsweredError, StoreContendedError, StoreUnavailableError


@dataclass
class Bench:
    """A breaker, the time it sees, and a store that does what it is told."""

    at: float = 100.0
    refusals: int = 0
    asked: int = 0
    most: int = 100
    breaker: Breaker = field(init=False)

    def __post_init__(self) -> None:
        self.breaker = Breaker(most=self.most, refused=self._refuse, monotonic=lambda: self.at)

    def state(self) -> State:
        return self.breaker.state

    def _refuse(self) -> None:
        self.refusals += 1

    def ends_in(self, failure: BaseException | None) -> Callable[[], Awaitable[str]]:
        async def operation() -> str:
            self.asked += 1
            await asyncio.sleep(0)
            if failure is not None:
                raise failure
            return "answer"

        return operation

    async def ask(self, failure: BaseException | None = None) -> str:
        return await self.breaker.run(self.ends_in(failure))

    async def fail(self, times: int = FAILURES) -> None:
        for _ in range(times):
            with pytest.raises(StoreUnavailableError):
                await self.ask(StoreUnavailableError())


async def test_a_store_that_answers_is_always_asked() -> None:
    bench = Bench()
    assert [await bench.ask() for _ in range(3)] == ["answer"] * 3
    assert (bench.state(), bench.asked, bench.refusals) == (State.CLOSED, 3, 0)


async def test_enough_failures_in_a_row_open_it_and_nobody_waits_any_more() -> None:
    bench = Bench()
    await bench.fail(FAILURES - 1)
    assert bench.state() is State.CLOSED
    await bench.fail(1)
    assert bench.state() is State.OPEN
    with pytest.raises(StoreUnavailableError) as refused:
        await bench.ask()
    assert (refused.value.retry_after, bench.asked, bench.refusals) == (1, FAILURES, 1)


async def test_a_time_out_is_silence_and_leaves_as_an_unavailable_store() -> None:
    bench = Bench()
    for _ in range(FAILURES):
        with pytest.raises(StoreUnavailableError):
            await bench.ask(TimeoutError())
    assert bench.state() is State.OPEN


async def test_an_answer_in_between_starts_the_count_again() -> None:
    bench = Bench()
    await bench.fail(FAILURES - 1)
    await bench.ask()
    await bench.fail(FAILURES - 1)
    assert bench.state() is State.CLOSED


async def test_what_the_store_refuses_is_an_answer() -> None:
    bench = Bench()
    for _ in range(3 * FAILURES):
        with pytest.raises(LookupError):
            await bench.ask(LookupError("a conflict"))
    await bench.fail(FAILURES - 1)
    with pytest.raises(LookupError):
        await bench.ask(LookupError("a conflict"))
    await bench.fail(FAILURES - 1)
    assert bench.state() is State.CLOSED


async def test_failures_that_lie_far_apart_do_not_open_it() -> None:
    bench = Bench()
    for _ in range(3 * FAILURES):
        await bench.fail(1)
        bench.at += WINDOW / (FAILURES - 2)
    assert bench.state() is State.CLOSED


async def test_after_a_pause_one_operation_alone_looks_whether_the_store_is_back() -> None:
    bench = Bench()
    await bench.fail()
    bench.at += PAUSE
    probe = asyncio.create_task(bench.ask())
    await asyncio.sleep(0)
    assert bench.state() is State.HALF_OPEN
    for _ in range(10):
        with pytest.raises(StoreUnavailableError):
            await bench.ask()
    assert (bench.asked, bench.refusals) == (FAILURES + 1, 10)
    assert await probe == "answer"
    assert bench.state() is State.CLOSED
    assert await bench.ask() == "answer"


async def test_a_store_that_is_still_away_is_left_alone_for_another_pause() -> None:
    bench = Bench()
    await bench.fail()
    bench.at += PAUSE
    await bench.fail(1)
    assert bench.state() is State.OPEN
    bench.at += PAUSE - 0.01
    with pytest.raises(StoreUnavailableError):
        await bench.ask()
    assert bench.asked == FAILURES + 1
    bench.at += 0.01
    assert await bench.ask() == "answer"


async def test_a_refused_probe_shows_that_the_store_is_back() -> None:
    bench = Bench()
    await bench.fail()
    bench.at += PAUSE
    with pytest.raises(LookupError):
        await bench.ask(LookupError("a conflict"))
    assert bench.state() is State.CLOSED


async def test_a_probe_that_nobody_waits_for_any_more_lets_the_next_one_find_out() -> None:
    bench = Bench()
    await bench.fail()
    bench.at += PAUSE
    probe = asyncio.create_task(bench.breaker.run(asyncio.Event().wait))
    await asyncio.sleep(0)
    assert bench.state() is State.HALF_OPEN
    probe.cancel()
    await asyncio.gather(probe, return_exceptions=True)
    assert bench.state() is State.OPEN
    assert await bench.ask() == "answer"
    assert (bench.state(), bench.breaker.in_progress) == (State.CLOSED, 0)


async def test_cancelled_operations_say_nothing_about_the_store() -> None:
    bench = Bench()
    waiting = [asyncio.create_task(bench.breaker.run(asyncio.Event().wait)) for _ in range(3 * FAILURES)]
    await asyncio.sleep(0)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert (bench.state(), bench.breaker.in_progress) == (State.CLOSED, 0)


@pytest.mark.parametrize("late", [StoreUnavailableError(), None])
async def test_what_began_before_the_store_came_back_says_nothing_about_now(late: Exception | None) -> None:
    bench = Bench()
    gate = asyncio.Event()

    async def slow() -> None:
        await gate.wait()
        if late:
            raise late

    before = [asyncio.create_task(bench.breaker.run(slow)) for _ in range(2 * FAILURES)]
    await asyncio.sleep(0)
    await bench.fail()
    if late:
        bench.at += PAUSE
        await bench.ask()
    gate.set()
    await asyncio.gather(*before, return_exceptions=True)
    assert bench.state() is (State.CLOSED if late else State.OPEN)


async def test_no_more_than_a_number_of_operations_wait_for_one_store() -> None:
    bench = Bench(most=3)
    gate = asyncio.Event()
    waiting = [asyncio.create_task(bench.breaker.run(gate.wait)) for _ in range(3)]
    await asyncio.sleep(0)
    for _ in range(2 * FAILURES):
        with pytest.raises(StoreUnavailableError) as refused:
            await bench.ask()
        assert refused.value.retry_after == 1
    # A refusal of ours is no silence of the store.
    assert (bench.asked, bench.refusals, bench.state()) == (0, 2 * FAILURES, State.CLOSED)
    gate.set()
    await asyncio.gather(*waiting)
    assert await bench.ask() == "answer"


@pytest.mark.parametrize("kind", [StoreAnsweredError, StoreContendedError])
async def test_a_store_that_refuses_one_request_or_is_busy_with_others_answered(
    kind: type[StoreAnsweredError],
) -> None:
    bench = Bench()
    for _ in range(FAILURES):
        with pytest.raises(kind):
            await bench.ask(kind())
    assert bench.state() is State.CLOSED
