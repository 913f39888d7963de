import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field

import pytest

from idp.domain.ids import Seconds
from idp.journeys.courier import LEASE, MOST_EACH, ROUND, Courier
from tests.flows.provider import SettableClock


@dataclass
class Post:
    """Messages are `recipient:number`; to whoever is in `silent` none arrives before `answer` is set."""

    clock: SettableClock
    waiting: list[str] = field(default_factory=list)
    silent: set[str] = field(default_factory=set)
    answer: asyncio.Event = field(default_factory=asyncio.Event)
    broken: str = ""
    begun: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    leases: list[int] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    beginnings: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    async def claim(self, now: Seconds, lease_until: Seconds, limit: int, busy: Collection[str]) -> tuple[str, ...]:
        self.leases.append(lease_until - now)
        firsts = {recipient(each): each for each in reversed(self.waiting) if recipient(each) not in busy}
        claimed = tuple(list(firsts.values())[:limit])
        self.waiting = [each for each in self.waiting if each not in claimed]
        return claimed

    async def deliver(self, message: str) -> None:
        self.begun.append(message)
        self.beginnings.release()
        if recipient(message) in self.silent:
            await self.answer.wait()
        if message == self.broken:
            raise LookupError(message)
        self.told.append(message)
        self.arrived.set()

    async def begin(self, count: int) -> None:
        for _ in range(count):
            await self.beginnings.acquire()

    def courier(self, places: int = 8) -> Courier[str]:
        return Courier(self.claim, self.deliver, recipient, self.clock, places=places, look_again=0.001)


def recipient(message: str) -> str:
    return message.partition(":")[0]


@pytest.fixture
def post() -> Post:
    return Post(SettableClock())


async def test_all_that_is_due_arrives_and_is_counted(post: Post) -> None:
    post.waiting = [f"{name}:{number}" for name in "abc" for number in range(20)]
    assert await post.courier().deliver_due() == 60
    assert len(set(post.told)) == 60
    assert set(post.leases) == {LEASE}
    assert await post.courier().deliver_due() == 0


async def test_whoever_never_answers_holds_up_nobody_else(post: Post) -> None:
    post.silent = {"silent"}
    post.waiting = [f"silent:{number}" for number in range(150)]
    round_ = asyncio.create_task(post.courier().deliver_due())
    for number in range(3):
        post.arrived.clear()
        post.waiting.append(f"honest:{number}")
        await post.arrived.wait()
    assert post.told == ["honest:0", "honest:1", "honest:2"]
    assert sum(recipient(each) == "silent" for each in post.begun) == MOST_EACH
    post.answer.set()
    assert await round_ == 153


async def test_no_more_is_claimed_than_can_leave_at_once(post: Post) -> None:
    names = [f"{number}" for number in range(9)]
    post.silent, post.waiting = set(names), [f"{name}:0" for name in names]
    round_ = asyncio.create_task(post.courier(places=3).deliver_due())
    await post.begin(3)
    assert len(post.waiting) == 6
    post.answer.set()
    assert await round_ == 9


async def test_a_round_ends_however_much_comes_in(post: Post) -> None:
    post.silent, post.waiting = {"a"}, [f"a:{number}" for number in range(9)]
    round_ = asyncio.create_task(post.courier().deliver_due())
    await post.begin(MOST_EACH)
    post.clock.advance(ROUND)
    post.answer.set()
    assert await round_ == MOST_EACH


async def test_a_failure_is_told_when_what_is_on_its_way_has_arrived(post: Post) -> None:
    post.silent, post.waiting, post.broken = {"b"}, ["a:0", "b:0"], "a:0"
    round_ = asyncio.create_task(post.courier().deliver_due())
    await post.begin(2)
    post.answer.set()
    with pytest.raises(LookupError):
        await round_
    assert post.told == ["b:0"]


async def test_whoever_stops_the_round_stops_what_is_on_its_way(post: Post) -> None:
    post.silent, post.waiting = {"a"}, ["a:0"]
    round_ = asyncio.create_task(post.courier().deliver_due())
    await post.begin(1)
    round_.cancel()
    with pytest.raises(asyncio.CancelledError):
        await round_
    post.answer.set()
    assert post.told == []
    assert asyncio.all_tasks() == {asyncio.current_task()}
