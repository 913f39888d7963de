"""Who may begin to sign in while passwords queue."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import pytest
from starlette.types import Receive, Scope, Send

from idp.domain.ids import RequestId
from idp.ports.keys import BusyError
from idp.web.edge.answers import send_answer
from idp.web.edge.context import RequestContext, attach
from idp.web.edge.cookies import Cookies
from idp.web.pages.signing_in.newcomers import (
    AT_ONCE,
    CALM,
    CALM_FOR,
    CROWDED,
    FASTEST,
    FULL,
    LONGEST,
    NEWCOMERS,
    SHARE,
    SHARED_FOR,
    SHORTEST,
    SLOWEST,
    SOONEST,
    SPREAD,
    Newcomers,
)
from tests.flows.provider import ISSUER
from tests.web.edge.asgi import Inbound, Outbound, ask, scope_of

COOKIES = Cookies(ISSUER)


@dataclass
class Queue:
    """Passwords that wait, as somebody says."""

    filled: float = 0.0
    finished: int = 0
    room_for_strangers: int = 100


@dataclass
class Gate:
    queue: Queue = field(default_factory=Queue)
    now: float = 100.0
    let_in: int = 0
    shed: list[str] = field(default_factory=list)
    addresses: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self.app = Newcomers(self.queue, COOKIES, self.shed.append, lambda: self.now).around(self.page)

    async def page(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.let_in += 1
        await send_answer(send, 200, ())

    async def come(
        self, method: str = "GET", query: bytes = b"client_id=portal", cookie: str = "", source: str = ""
    ) -> bool:
        """Whether somebody may begin, from an address of their own unless one is given."""
        headers = [(b"cookie", f"{COOKIES.name(cookie)}=x".encode())] if cookie else []
        scope = scope_of(method, query=query, headers=headers)
        attach(scope, RequestContext(RequestId("r"), source or f"address {next(self.addresses)}"))
        before = self.let_in
        try:
            await self.app(scope, Inbound([]), Outbound())
        except BusyError:
            return False
        return self.let_in == before + 1

    async def come_together(self, people: int, source: str = "") -> int:
        """How many of so many strangers may begin."""
        return [await self.come(source=source) for _ in range(people)].count(True)

    async def crowd(self, ended: int) -> None:
        """For a second the queue is crowded, and so many hashes end."""
        self.queue.filled = CROWDED
        assert not await self.come()
        self.now += 1.0
        self.queue.finished += ended
        assert not await self.come()
        self.queue.filled = SHORTEST - 0.01


@pytest.fixture
def gate() -> Gate:
    return Gate()


async def test_while_passwords_do_not_queue_everybody_begins(gate: Gate) -> None:
    assert await gate.come_together(1000) == 1000
    assert gate.shed == []


async def test_strangers_are_counted_from_the_crowd_on_and_none_begins_while_it_lasts(gate: Gate) -> None:
    gate.queue.filled = CROWDED - 0.01
    assert await gate.come_together(100) == 100
    gate.queue.filled = CROWDED
    assert not await gate.come()
    gate.now += 2.0
    assert not await gate.come()
    gate.queue.filled = SHORTEST
    gate.now += 2.0
    assert await gate.come_together(100) == AT_ONCE


@pytest.mark.parametrize(("filled", "begin"), [(0.4, 20), (0.5, 15), (0.6, 10), (0.7, 5), (CROWDED, 0)])
async def test_the_longer_the_queue_is_the_slower_strangers_begin(gate: Gate, filled: float, begin: int) -> None:
    await gate.crowd(ended=40)  # 40 places are a second of work
    gate.queue.filled = filled
    gate.now += 0.5
    assert abs(await gate.come_together(100) - begin) <= 1


@pytest.mark.parametrize(("ended", "short"), [(5, SHORTEST), (30, 0.3), (500, LONGEST)])
async def test_a_queue_is_short_by_the_time_that_it_takes(gate: Gate, ended: int, short: float) -> None:
    await gate.crowd(ended)
    gate.now += 0.5
    assert await gate.come_together(1000)
    await gate.crowd(ended)
    for filled, grows in ((short - 0.01, True), (short, False)):
        gate.queue.filled = filled
        begun = []
        for _ in range(2):
            gate.now += 0.9
            gate.queue.finished += ended * 9 // 10
            begun.append(await gate.come_together(2000))
        assert (begun[1] > 1.1 * begun[0] > 0) is grows


async def test_a_crowd_that_is_worked_off_at_once_is_measured_all_the_same(gate: Gate) -> None:
    gate.queue.filled = CROWDED
    assert not await gate.come()
    gate.now += 0.25
    gate.queue.finished += 10
    gate.queue.filled = SHORTEST - 0.01
    await gate.come_together(100)
    gate.now += 0.5
    assert 20 <= await gate.come_together(100) <= 24


async def test_in_a_crowd_strangers_are_turned_away_and_told_different_times(gate: Gate) -> None:
    gate.queue.filled = CROWDED
    waits = set()
    for _ in range(SPREAD):
        with pytest.raises(BusyError) as refused:
            await ask(gate.app)
        waits.add(refused.value.retry_after)
    assert waits == set(range(SOONEST, SOONEST + SPREAD))
    assert gate.let_in == 0
    assert gate.shed == [NEWCOMERS] * SPREAD


async def test_whoever_need_not_type_a_password_begins_in_a_crowd_too(gate: Gate) -> None:
    gate.queue.filled = 1.2
    assert await gate.come(cookie="session")
    assert await gate.come(query=b"client_id=portal&prompt=none")
    assert await gate.come(method="POST")
    assert not await gate.come(method="HEAD")


@pytest.mark.parametrize(
    "query",
    [
        b"client_id=portal&state=prompt=none",
        b"client_id=portal&xprompt=none",
        b"client_id=portal&prompt=none&prompt=login",
        b"client_id=portal&prompt=none&prompt=none",
        b"client_id=portal&prompt=none%20login",
        b"client_id=portal&prompt=none+login",
        b"prompt=nonesense",
        b"prompt=none&request=e30",
        b"request_uri=urn:x&prompt=none",
        b"prompt=none" + b"&" * 100,
    ],
)
async def test_only_a_request_whose_one_prompt_is_none_is_taken_for_one_that_wants_no_page(
    gate: Gate, query: bytes
) -> None:
    gate.queue.filled = CROWDED
    assert await gate.come(query=b"prompt=none&state=prompt=login")
    assert not await gate.come(query=query)


async def test_a_device_that_signed_in_before_begins_until_there_is_no_place_for_strangers(gate: Gate) -> None:
    gate.queue.filled = 0.99
    assert await gate.come(cookie="device")
    assert not await gate.come()
    gate.queue.filled = FULL
    assert not await gate.come(cookie="device")


async def test_after_a_crowd_strangers_begin_as_fast_as_hashes_end(gate: Gate) -> None:
    await gate.crowd(ended=40)
    assert await gate.come_together(10) == 0
    gate.now += 0.5
    assert 20 <= await gate.come_together(100) <= 24
    gate.now += 0.25
    assert 10 <= await gate.come_together(100) <= 14


async def test_a_slow_pace_lets_a_few_begin_together_but_saves_up_no_more(gate: Gate) -> None:
    await gate.crowd(ended=0)
    gate.now += 1 / SLOWEST
    assert await gate.come_together(10) == 1
    gate.now += 3.0
    assert await gate.come_together(100) == AT_ONCE


async def test_where_room_stays_the_pace_grows_until_nobody_is_counted(gate: Gate) -> None:
    await gate.crowd(ended=40)
    gate.queue.filled = CALM
    begun = []
    for _ in range(20):
        gate.now += 1.0
        begun.append(await gate.come_together(2000))
    assert begun == sorted(begun)
    assert begun[0] == 48
    assert begun[-1] == 2000 > FASTEST


async def test_counting_ends_when_the_queue_was_nearly_empty_for_a_moment(gate: Gate) -> None:
    await gate.crowd(ended=0)
    gate.queue.filled = CALM - 0.01
    assert await gate.come_together(100) == 0
    gate.now += CALM_FOR - 0.01
    assert await gate.come_together(100) == AT_ONCE
    gate.now += 0.01
    assert await gate.come_together(1000) == 1000


async def test_a_queue_that_fills_a_little_in_between_was_not_calm(gate: Gate) -> None:
    await gate.crowd(ended=0)
    for filled in (0.0, CALM, 0.0):
        gate.queue.filled = filled
        assert await gate.come_together(100) < 20
        gate.now += CALM_FOR - 0.5
    assert await gate.come_together(100) < 20
    gate.now += 0.5
    assert await gate.come_together(1000) == 1000


async def test_the_calm_before_a_crowd_does_not_end_the_counting_of_the_next(gate: Gate) -> None:
    for _ in range(2):
        await gate.crowd(ended=0)
        gate.queue.filled = 0.0
        assert await gate.come_together(100) == 0
        gate.now += CALM_FOR
        assert await gate.come_together(1000) == 1000


async def test_one_address_that_asks_for_every_place_leaves_half_of_them_to_others(gate: Gate) -> None:
    await gate.crowd(ended=40)
    gate.now += 0.5
    assert await gate.come_together(1000, "bot") <= 12
    assert await gate.come_together(SHARE, "carrier") == SHARE
    assert await gate.come_together(100) >= 5


async def test_one_address_has_a_few_places_every_few_seconds_where_others_leave_none(gate: Gate) -> None:
    await gate.crowd(ended=0)
    gate.queue.filled = CALM
    gate.now += 0.5
    assert await gate.come_together(10, "bot") == 2
    gate.now += 0.25
    assert await gate.come_together(10, "bot") == 1 == SHARE - 2
    gate.now += 0.25
    assert await gate.come_together(10, "bot") == 0
    assert await gate.come()
    gate.now += SHARED_FOR - 1.0
    assert await gate.come_together(100) > 0
    gate.now += 1.5 / AT_ONCE
    assert await gate.come_together(10, "bot") > 0


async def test_people_get_in_while_a_bot_asks_a_thousand_times_as_often_and_fills_the_queue_now_and_then(
    gate: Gate,
) -> None:
    people = let_in = 0
    for tick in range(0, 60_000, 5):  # milliseconds
        gate.now = 100.0 + tick / 1000
        gate.queue.filled = FULL if tick % 30_000 < 500 else 0.0
        await gate.come_together(5, "bot")
        if tick % 200 == 0 and gate.queue.filled < LONGEST:
            people += 1
            let_in += await gate.come()
    assert let_in >= 0.9 * people


async def test_a_new_crowd_is_measured_anew(gate: Gate) -> None:
    await gate.crowd(ended=40)
    gate.now += 5.0
    assert await gate.come()
    await gate.crowd(ended=10)
    gate.now += 1.0
    assert AT_ONCE <= await gate.come_together(100) <= 14


async def test_a_crowd_of_long_ago_is_forgotten(gate: Gate) -> None:
    await gate.crowd(ended=40)
    gate.now += 1e6
    assert await gate.come_together(2000) == 2000


@pytest.mark.parametrize("rate", [6, 19, 40])
async def test_in_a_surge_a_core_is_never_without_work_and_little_is_left_behind_it(gate: Gate, rate: int) -> None:
    """Ten times what can be sustained for 30 s, then three quarters of what the core does; forms come back at once."""
    chance, places, waiting, late, ended = random.Random(rate), 25, 0, 0, 0
    gate.queue.room_for_strangers = places
    for step in range(50 * 1000):  # milliseconds
        gate.now = 100.0 + step / 1000
        if waiting and step % (1000 // rate) == 0:
            waiting -= 1
            gate.queue.finished += 1
            ended += 10_000 < step <= 30_000
        is_surge = step < 30_000
        if chance.random() < rate * (7.5 if is_surge else 0.75) / 1000:
            gate.queue.filled = waiting / places
            let_in = await gate.come()
            waiting += let_in and waiting < places
            late += step > 35_000 and not let_in
        gate.queue.filled = waiting / places
    assert ended >= 0.95 * 20 * rate
    assert late <= 0.02 * 15 * rate
