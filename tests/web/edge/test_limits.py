import asyncio
from dataclasses import dataclass, field

import pytest
from starlette.types import Message, Receive, Scope, Send

from idp.ports.keys import BusyError
from idp.web.edge.answers import send_answer
from idp.web.edge.body import read_body
from idp.web.edge.limits import PAGES, WORKER, RequestLimit
from tests.web.edge.asgi import Inbound, Outbound, ask, scope_of


@dataclass
class Desk:
    """Reads the body of what comes, and answers once `gate` is open."""

    limit: int = 2
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    begun: int = 0
    shed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.requests = RequestLimit(self.limit, WORKER, self.shed.append)
        self.app = self.requests.around(self.work, always="/static/")

    async def work(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "POST":
            await read_body(scope, receive)
        self.begun += 1
        await self.gate.wait()
        await send_answer(send, 200, ())

    async def fill(self) -> list[asyncio.Task[Outbound]]:
        waiting = [asyncio.create_task(ask(self.app)) for _ in range(self.limit)]
        await asyncio.sleep(0)
        return waiting


async def test_as_many_as_there_is_room_for_are_worked_on_and_the_next_one_is_told_at_once() -> None:
    desk = Desk()
    waiting = await desk.fill()
    assert desk.requests.in_progress == 2
    for method in ("GET", "POST"):
        with pytest.raises(BusyError):
            await ask(desk.app, method=method)
    assert (desk.begun, desk.shed) == (2, [WORKER, WORKER])
    desk.gate.set()
    assert [answer.status for answer in await asyncio.gather(*waiting)] == [200, 200]
    assert desk.requests.in_progress == 0
    assert (await ask(desk.app)).status == 200


async def test_one_room_is_shared_by_everything_that_it_is_put_around() -> None:
    desk = Desk()
    await_end = await desk.fill()
    with pytest.raises(BusyError):
        await ask(desk.requests.around(desk.work))
    desk.gate.set()
    await asyncio.gather(*await_end)


async def test_a_request_that_fails_or_is_cancelled_leaves_its_place() -> None:
    desk = Desk()

    async def fail(scope: Scope, receive: Receive, send: Send) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await ask(desk.requests.around(fail))
    waiting = await desk.fill()
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert desk.requests.in_progress == 0


async def test_what_is_answered_from_memory_is_answered_however_much_is_in_progress() -> None:
    desk = Desk()
    desk.gate.set()
    desk.requests.in_progress = desk.limit
    assert (await ask(desk.app, path="/static/pages.css")).status == 200
    with pytest.raises(BusyError):
        await ask(desk.app, path="/account")


async def test_lifespan_events_pass() -> None:
    seen = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    desk = Desk()
    desk.requests.in_progress = desk.limit
    await desk.requests.around(app)({"type": "lifespan"}, Inbound([]), Outbound())
    assert seen == ["lifespan"]


@dataclass
class Slow:
    """Bodies that do not come before they are let."""

    come: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self) -> Message:
        await self.come.wait()
        return {"type": "http.request", "body": b"x=1", "more_body": False}

    def post(self, desk: Desk) -> "asyncio.Task[Outbound]":
        async def send_and_wait() -> Outbound:
            outbound = Outbound()
            await desk.app(scope_of("POST"), self, outbound)
            return outbound

        return asyncio.create_task(send_and_wait())


async def test_slow_bodies_take_nobodys_place() -> None:
    desk, slow = Desk(), Slow()
    desk.gate.set()
    loris = [slow.post(desk) for _ in range(50)]
    await asyncio.sleep(0)
    assert desk.requests.in_progress == 0
    assert [(await ask(desk.app)).status for _ in range(5)] == [200] * 5
    for task in loris:
        task.cancel()
    await asyncio.gather(*loris, return_exceptions=True)
    assert desk.requests.in_progress == 0


async def test_bodies_that_arrive_all_at_once_find_the_room_that_there_is() -> None:
    desk, slow = Desk(), Slow()
    posts = [slow.post(desk) for _ in range(50)]
    await asyncio.sleep(0)
    slow.come.set()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert (desk.begun, desk.requests.in_progress) == (2, 2)
    desk.gate.set()
    answers = await asyncio.gather(*posts, return_exceptions=True)
    assert sum(isinstance(answer, Outbound) for answer in answers) == 2
    assert sum(isinstance(answer, BusyError) for answer in answers) == 48
    assert (desk.shed, desk.requests.in_progress) == ([WORKER] * 48, 0)


async def test_a_client_that_hung_up_is_not_told_to_come_back() -> None:
    desk = Desk(limit=1)
    outcomes: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        desk.requests.in_progress += 1  # somebody else came in meanwhile
        outcomes.append((await receive())["type"])
        desk.requests.in_progress -= 1

    await desk.requests.around(app)(scope_of("POST"), Inbound([]), Outbound())
    assert (outcomes, desk.shed) == (["http.disconnect"], [])


async def test_a_room_within_the_room_leaves_the_rest_to_others() -> None:
    desk = Desk(limit=4)
    pages = RequestLimit(2, PAGES, desk.shed.append)
    page = desk.requests.around(pages.around(desk.work))
    waiting = [asyncio.create_task(ask(page)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(BusyError):
        await ask(page)
    waiting += [asyncio.create_task(ask(desk.app)) for _ in range(2)]
    await asyncio.sleep(0)
    assert (desk.begun, desk.requests.in_progress, desk.shed) == (4, 4, [PAGES])
    desk.gate.set()
    await asyncio.gather(*waiting)
    assert (desk.requests.in_progress, pages.in_progress) == (0, 0)
