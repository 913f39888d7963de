import asyncio
from dataclasses import dataclass, field

from starlette.types import Receive, Scope, Send

from idp.web.edge.answers import send_answer
from idp.web.edge.turns import Turns
from tests.web.edge.asgi import Inbound, Outbound, ask, scope_of


@dataclass
class Rounds:
    """Pages that note in which round of the loop they began."""

    most: int = 2
    number: int = 0
    began: list[tuple[int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.app = Turns(self.most).around(self.page, always="/static/")

    async def page(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.began.append((self.number, scope["path"]))
        await send_answer(send, 200, ())

    def visit(self, *paths: str) -> list[asyncio.Task[Outbound]]:
        return [asyncio.create_task(ask(self.app, path=path)) for path in paths]

    async def run(self, rounds: int) -> None:
        for _ in range(rounds):
            self.number += 1
            await asyncio.sleep(0)

    def per_round(self) -> list[int]:
        return [sum(begun == number for begun, _ in self.began) for number in range(1, self.number + 1)]


async def test_a_page_that_comes_alone_begins_at_once() -> None:
    rounds = Rounds()
    rounds.visit("/a")
    await rounds.run(1)
    assert rounds.began == [(1, "/a")]
    await rounds.run(3)
    rounds.visit("/b")
    await rounds.run(1)
    assert rounds.began[1:] == [(5, "/b")]


async def test_of_many_that_come_together_a_few_begin_in_each_round_in_the_order_they_came() -> None:
    rounds = Rounds()
    paths = [f"/{number}" for number in range(9)]
    visits = rounds.visit(*paths)
    await rounds.run(12)
    assert [path for _, path in rounds.began] == paths
    assert max(rounds.per_round()) == 2
    assert {visit.result().status for visit in visits} == {200}


async def test_whoever_comes_later_does_not_overtake() -> None:
    rounds = Rounds()
    rounds.visit("/1", "/2", "/3", "/4", "/5", "/6")
    await rounds.run(2)
    rounds.visit("/7")
    await rounds.run(8)
    assert [path for _, path in rounds.began] == ["/1", "/2", "/3", "/4", "/5", "/6", "/7"]


async def test_others_are_answered_between_the_rounds_of_a_storm() -> None:
    rounds = Rounds()
    storm = rounds.visit(*(f"/{number}" for number in range(100)))
    await rounds.run(1)
    await ask(rounds.page, path="/token")
    assert sum(visit.done() for visit in storm) <= 4
    await asyncio.gather(*storm)


async def test_a_visitor_who_went_away_takes_no_turn() -> None:
    rounds = Rounds()
    visits = rounds.visit(*(f"/{number}" for number in range(10)))
    await rounds.run(1)
    for visit in visits[2:8]:
        visit.cancel()
    await rounds.run(4)
    assert [path for _, path in rounds.began] == ["/0", "/1", "/8", "/9"]


async def test_what_is_answered_from_memory_and_lifespan_events_wait_for_nobody() -> None:
    rounds = Rounds()
    storm = rounds.visit(*(f"/{number}" for number in range(100)))
    await rounds.run(1)
    assert (await ask(rounds.app, path="/static/pages.css")).status == 200
    seen = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    await Turns(1).around(app)({**scope_of(), "type": "lifespan"}, Inbound([]), Outbound())
    assert seen == ["lifespan"]
    assert not storm[-1].done()
    await asyncio.gather(*storm)


async def test_nothing_goes_on_turning_when_nobody_waits() -> None:
    turns = Turns(2)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        return

    await asyncio.gather(*(turns.around(app)(scope_of(), Inbound([]), Outbound()) for _ in range(7)))
    for _ in range(3):
        await asyncio.sleep(0)
    assert (turns._left, len(turns._waiting)) == (2, 0)
