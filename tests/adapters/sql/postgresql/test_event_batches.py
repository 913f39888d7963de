import asyncio
from collections.abc import Sequence

import pytest

from idp.adapters.sql.postgresql import event_batches
from idp.adapters.sql.postgresql.event_batches import EventBatches
from idp.adapters.sql.postgresql.pending_events import EncodedEvent
from idp.ports.errors import StoreUnavailableError

EVENT: EncodedEvent = ("token.refused", b"{}")


class Store:
    """Keeps batches; waits for `gate`, then fails with `failure`."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.gate = asyncio.Event()
        self.failure: Exception | None = None
        self.at_once = 0

    async def leave(self, events: Sequence[EncodedEvent]) -> None:
        self.at_once += 1
        assert self.at_once == 1
        await self.gate.wait()
        self.at_once -= 1
        if self.failure:
            raise self.failure
        self.batches.append(len(events))


async def test_what_comes_meanwhile_leaves_together_one_batch_after_the_other() -> None:
    store = Store()
    batches = EventBatches(store.leave)
    first = asyncio.create_task(batches.add([EVENT]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    rest = [asyncio.create_task(batches.add([EVENT, EVENT])) for _ in range(20)]
    await asyncio.sleep(0)
    assert not first.done()
    store.gate.set()
    await asyncio.gather(first, *rest)
    assert store.batches == [1, 40]


async def test_everybody_in_a_batch_hears_of_its_failure_and_the_next_one_is_tried() -> None:
    store = Store()
    store.gate.set()
    store.failure = StoreUnavailableError()
    batches = EventBatches(store.leave)
    answers = await asyncio.gather(*(batches.add([EVENT]) for _ in range(5)), return_exceptions=True)
    assert all(isinstance(answer, StoreUnavailableError) for answer in answers)
    store.failure = None
    await batches.add([EVENT])
    assert store.batches == [1]


async def test_a_caller_that_goes_away_takes_no_event_with_it() -> None:
    store = Store()
    batches = EventBatches(store.leave)
    gone = asyncio.create_task(batches.add([EVENT]))
    await asyncio.sleep(0)
    gone.cancel()
    store.gate.set()
    await batches.add([EVENT])
    assert sum(store.batches) == 2


async def test_too_many_waiting_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_batches, "MOST_WAITING", 1)
    store = Store()
    batches = EventBatches(store.leave)
    tasks = [asyncio.create_task(batches.add([EVENT])) for _ in range(3)]
    await asyncio.sleep(0)
    store.gate.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert any(isinstance(answer, StoreUnavailableError) for answer in answers)


async def test_closing_writes_what_waits() -> None:
    store = Store()
    store.gate.set()
    batches = EventBatches(store.leave)
    adding = asyncio.create_task(batches.add([EVENT]))
    await asyncio.sleep(0)
    await batches.close()
    await adding
    assert store.batches == [1]
    await batches.close()


async def test_who_comes_after_closing_is_refused() -> None:
    store = Store()
    batches = EventBatches(store.leave)
    await batches.close()
    with pytest.raises(StoreUnavailableError):
        await batches.add([EVENT])


def test_another_loop_leaves_its_events_after_one_that_was_closed() -> None:
    store = Store()
    store.gate.set()
    batches = EventBatches(store.leave)

    async def add_and_close() -> None:
        await batches.add([EVENT])
        await batches.close()

    asyncio.run(add_and_close())
    asyncio.run(add_and_close())
    assert store.batches == [1, 1]
