import asyncio
from collections.abc import Sequence
from functools import partial

import pytest

from idp.adapters.sql.postgresql.gathering import Apart, Gathering
from idp.ports.errors import StoreUnavailableError


class Courier:
    """Carries numbers and answers their doubles, once `gate` is open; fails with `failure`."""

    def __init__(self) -> None:
        self.carried: list[list[int]] = []
        self.gate = asyncio.Event()
        self.held = asyncio.Event()
        self.failure: BaseException | None = None

    async def carry(self, asked: Sequence[int]) -> Sequence[int] | Sequence[Apart[int]]:
        self.carried.append(list(asked))
        await self.gate.wait()
        if self.failure:
            raise self.failure
        if min(asked) < 0:
            return [Apart(partial(self.alone, number)) for number in asked]
        return [2 * number for number in asked if number != 13]

    async def alone(self, number: int) -> int:
        if number == -1:
            raise ValueError(number)
        if number < 0:
            await self.held.wait()
        return 2 * number


async def _asking(gathering: Gathering[int, int], *numbers: int) -> list[asyncio.Task[int]]:
    tasks = [asyncio.create_task(gathering.ask(number)) for number in numbers]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


async def test_who_is_alone_leaves_at_once_and_who_comes_meanwhile_leaves_together() -> None:
    courier = Courier()
    gathering = Gathering(courier.carry, most=3)
    first = await _asking(gathering, 1)
    later = await _asking(gathering, 2, 3, 4, 5)
    assert courier.carried == [[1]]
    assert gathering.waiting == 4
    courier.gate.set()
    assert await asyncio.gather(*first, *later) == [2, 4, 6, 8, 10]
    assert courier.carried == [[1], [2, 3, 4], [5]]
    assert gathering.waiting == 0


async def test_what_has_one_key_leaves_in_the_order_in_which_it_came_and_never_together() -> None:
    courier = Courier()
    gathering = Gathering(courier.carry, most=3, key=lambda number: number % 10)
    first = await _asking(gathering, 9)
    later = await _asking(gathering, 1, 11, 2, 21, 3, 4)
    courier.gate.set()
    await asyncio.gather(*first, *later)
    assert courier.carried == [[9], [1, 2, 3], [11, 4], [21]]


async def test_a_failure_of_one_is_nobody_else_s() -> None:
    courier = Courier()
    courier.gate.set()
    gathering = Gathering(courier.carry, most=3)
    answers = await asyncio.gather(*(gathering.ask(number) for number in (1, -1, 2)), return_exceptions=True)
    assert answers[::2] == [2, 4]
    assert isinstance(answers[1], ValueError)


async def test_who_goes_on_apart_keeps_up_nobody_else() -> None:
    courier = Courier()
    courier.gate.set()
    gathering = Gathering(courier.carry, most=3)
    held, gone = await _asking(gathering, -2, -3)
    gone.cancel()
    assert await gathering.ask(3) == 6
    assert not held.done()
    closing = asyncio.create_task(gathering.close())
    courier.held.set()
    assert await held == -4
    await closing


async def test_a_failure_of_the_statement_is_everybody_s_and_the_next_one_is_tried() -> None:
    courier = Courier()
    courier.failure = StoreUnavailableError()
    gathering = Gathering(courier.carry, most=2)
    tasks = await _asking(gathering, 1, 2, 3)
    courier.gate.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(answer) for answer in answers] == [StoreUnavailableError] * 3
    assert len({id(answer) for answer in [courier.failure, *answers]}) == 4
    assert courier.carried == [[1, 2], [3]]
    courier.failure = None
    assert await gathering.ask(4) == 8


async def test_who_waited_for_a_store_that_does_not_answer_waits_no_second_time() -> None:
    courier = Courier()
    courier.failure = StoreUnavailableError()
    courier.failure.__cause__ = TimeoutError()
    gathering = Gathering(courier.carry, most=1)
    tasks = await _asking(gathering, 1, 2, 3)
    courier.gate.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(answer) for answer in answers] == [StoreUnavailableError] * 3
    assert courier.carried == [[1]]


async def test_who_goes_away_keeps_nobody_from_an_answer() -> None:
    courier = Courier()
    gathering = Gathering(courier.carry, most=3)
    gone, stays = await _asking(gathering, 1, 2)
    gone.cancel()
    courier.gate.set()
    assert await stays == 4


async def test_too_many_waiting_are_refused() -> None:
    courier = Courier()
    gathering = Gathering(courier.carry, most=1, most_waiting=2)
    tasks = await _asking(gathering, 1) + await _asking(gathering, 2, 3)
    with pytest.raises(StoreUnavailableError):
        await gathering.ask(4)
    courier.gate.set()
    assert await asyncio.gather(*tasks) == [2, 4, 6]


async def test_closing_finishes_what_waits() -> None:
    courier = Courier()
    gathering = Gathering(courier.carry, most=1)
    await gathering.close()
    tasks = await _asking(gathering, 1, 2)
    courier.gate.set()
    await gathering.close()
    assert [task.result() for task in tasks] == [2, 4]


async def test_who_left_with_a_round_that_was_cancelled_hears_so_and_who_waits_behind_is_carried() -> None:
    courier = Courier()
    gathering = Gathering(courier.carry, most=1)
    first, behind = await _asking(gathering, 1, 2)
    worker = next(task for task in asyncio.all_tasks() if task.get_name() == "gathered statements")
    worker.cancel()
    with pytest.raises(StoreUnavailableError):
        await first
    courier.gate.set()
    assert await behind == 4
    assert worker.cancelled()


async def test_who_went_on_apart_and_was_cancelled_hears_so() -> None:
    courier = Courier()
    courier.gate.set()
    gathering = Gathering(courier.carry, most=1)
    (held,) = await _asking(gathering, -2)
    next(task for task in asyncio.all_tasks() if task.get_name() == "a statement apart").cancel()
    with pytest.raises(StoreUnavailableError):
        await held
    await gathering.close()


async def test_a_wrong_number_of_answers_is_everybody_s_failure_and_the_next_one_is_tried() -> None:
    courier = Courier()
    courier.gate.set()
    gathering = Gathering(courier.carry, most=2)
    answers = await asyncio.gather(*(gathering.ask(number) for number in (1, 13)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [ValueError] * 2
    assert await gathering.ask(2) == 4


async def test_who_waits_for_a_worker_that_was_cancelled_before_its_first_step_is_carried() -> None:
    courier = Courier()
    courier.gate.set()
    gathering = Gathering(courier.carry, most=1)
    asking = asyncio.create_task(gathering.ask(1))
    await asyncio.sleep(0)
    next(task for task in asyncio.all_tasks() if task.get_name() == "gathered statements").cancel()
    assert await asking == 2


def test_another_loop_is_answered_when_the_one_of_the_worker_was_closed_under_it() -> None:
    courier = Courier()
    gathering = Gathering(courier.carry, most=1)
    closed = asyncio.new_event_loop()
    closed.run_until_complete(_asking(gathering, 1, 2))
    stopped = asyncio.all_tasks(closed)
    closed.close()
    assert len(stopped) == 3
    courier.gate = asyncio.Event()
    courier.gate.set()

    async def ask_and_close() -> int:
        answer = await gathering.ask(3)
        await gathering.close()
        return answer

    assert asyncio.run(ask_and_close()) == 6
    assert gathering.waiting == 0
    for task in stopped:
        task._log_destroy_pending = False  # type: ignore[attr-defined]
