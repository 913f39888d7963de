import asyncio

from idp.adapters.crypto.paced_rounds import APART, PacedRounds


class Bench:
    """A loop whose clock stands still but for what waits, and what each round takes."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waited: list[float] = []
        self.wanted = True
        self.rounds = PacedRounds(lambda: self.wanted, now=lambda: self.now, wait=self._wait)

    def _wait(self, seconds: float) -> None:
        self.waited.append(round(seconds, 6))
        self.now += seconds


async def go_round(times: int) -> None:
    for _ in range(times):
        await asyncio.sleep(0)


async def test_a_round_waits_until_the_one_before_it_is_a_few_milliseconds_old() -> None:
    bench = Bench()
    bench.rounds.begin(asyncio.get_running_loop())
    await go_round(1)
    assert bench.waited == [APART]
    bench.now += 0.001
    await go_round(1)
    assert bench.waited == [APART, round(APART - 0.001, 6)]


async def test_after_a_round_that_took_longer_the_next_one_begins_at_once() -> None:
    bench = Bench()
    bench.rounds.begin(asyncio.get_running_loop())
    bench.now += APART
    await go_round(1)
    assert bench.waited == []


async def test_nothing_waits_when_it_is_not_wanted_any_more_and_it_can_begin_again() -> None:
    bench = Bench()
    loop = asyncio.get_running_loop()
    bench.rounds.begin(loop)
    await go_round(1)
    bench.wanted = False
    await go_round(3)
    bench.rounds.begin(loop)
    await go_round(3)
    assert bench.waited == [APART]
    bench.wanted = True
    bench.rounds.begin(loop)
    await go_round(1)
    assert bench.waited == [APART, APART]


async def test_who_asks_twice_is_held_back_once() -> None:
    bench = Bench()
    loop = asyncio.get_running_loop()
    for _ in range(5):
        bench.rounds.begin(loop)
    await go_round(1)
    assert bench.waited == [APART]


async def test_what_was_ready_in_a_round_comes_before_its_end() -> None:
    bench = Bench()
    loop = asyncio.get_running_loop()
    ready: list[int] = []
    for number in range(3):
        loop.call_soon(ready.append, number)
    bench.rounds.begin(loop)
    loop.call_soon(lambda: ready.append(len(bench.waited)))
    await go_round(1)
    assert ready == [0, 1, 2, 1]
