"""The run: so many requests, each spoilt by the chance of its own number, on a few connections that stay open."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from bench.connection import Answer, Connection, ServerClosed
from tests.fuzz.mutations import spoilt
from tests.fuzz.oracle import Oracle
from tests.fuzz.request import Request
from tests.fuzz.seeds import Seed, page_seed, seeds
from tests.fuzz.target import PEOPLE, Page, Target, open_pages

PATIENCE = 30.0
"""Seconds for one answer."""

TOLD_EVERY = 20_000

PAGES_EVERY = 500
"""Requests after which forms are opened anew: the ones before may be spent."""


class FuzzConnection(Connection):
    """A connection that knows when an answer has no body in spite of its length."""

    bodiless = False

    def _body(self, head: bytes, status: int, start: int) -> bytes | None:
        return b"" if self.bodiless else super()._body(head, status, start)


@dataclass(frozen=True, slots=True)
class Fault:
    """What went wrong, and the request that did it."""

    number: int
    what: str
    request: Request


@dataclass
class Report:
    """What was sent and what came of it."""

    seed: int
    sent: int = 0
    seconds: float = 0.0
    hung_up: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)


@dataclass
class Run:
    """`limit` requests at most, `seconds` at most, from number `first` on."""

    target: Target
    seed: int
    limit: int
    seconds: float
    first: int = 0
    connections: int = 4

    async def go(self) -> Report:
        """Send them; the report says what was seen."""
        report = Report(self.seed)
        numbers = iter(range(self.first, self.first + self.limit))
        started = time.monotonic()
        made = list(seeds(self.target))
        workers = (self._work(numbers, started + self.seconds, made, report) for _ in range(self.connections))
        await asyncio.gather(*workers)
        report.seconds = time.monotonic() - started
        return report

    async def _work(self, numbers: Iterator[int], until: float, made: list[Seed], report: Report) -> None:
        line = _Line(self.target.provider.port)
        pages: list[Page] = []
        oracle = self.target.oracle
        for handled, number in enumerate(numbers):
            if time.monotonic() > until:
                break
            if handled % PAGES_EVERY == 0:
                person = PEOPLE[1 + number // PAGES_EVERY % (len(PEOPLE) - 2)]
                pages = await asyncio.to_thread(open_pages, self.target, person)
            request = chosen(Random(f"{self.seed}:{number}"), made, pages)
            report.sent += 1
            if report.sent % TOLD_EVERY == 0:
                print(f"{report.sent} sent, {len(report.faults)} faults", flush=True)
            report.kinds[request.name] += 1
            for what in await _faults(line, request, oracle, report):
                report.faults.append(Fault(number, what, request))
        line.close()


def chosen(chance: Random, made: list[Seed], pages: list[Page]) -> Request:
    """The request of one number: a good one, spoilt; now and then left good."""
    page = bool(pages) and chance.random() < 0.2
    request = page_seed(chance.choice(pages)) if page else chance.choice(made)()
    return request if chance.random() < 0.03 else spoilt(request, chance)


async def _faults(line: "_Line", request: Request, oracle: Oracle, report: Report) -> list[str]:
    try:
        answer = await line.ask(request)
    except ServerClosed:
        report.hung_up += 1
        if not await line.is_served():
            return ["the server is gone"]
        return [] if request.closes else ["hung up without an answer"]
    except TimeoutError:
        return [f"no answer within {PATIENCE:.0f} seconds"]
    report.statuses[answer.status] += 1
    return list(oracle.faults(answer))


@dataclass
class _Line:
    """One connection, opened again where the server closed it."""

    port: int
    connection: FuzzConnection | None = None

    async def ask(self, request: Request) -> Answer:
        raw = request.encoded(f"localhost:{self.port}")
        if self.connection is None or self.connection.closed:
            opened = await FuzzConnection.open("127.0.0.1", self.port)
            assert isinstance(opened, FuzzConnection)
            self.connection = opened
        connection = self.connection
        connection.bodiless = request.method == "HEAD"
        answer: Answer | None = None
        try:
            answer = await asyncio.wait_for(connection.ask(raw), PATIENCE)
        finally:
            if answer is None or request.closes or (answer.header("connection") or "").lower() == "close":
                self.close()
        return answer

    async def is_served(self) -> bool:
        """Whether somebody else would be answered."""
        with contextlib.suppress(OSError, ServerClosed):
            probe = await Connection.open("127.0.0.1", self.port)
            answer = await probe.ask(f"GET /livez HTTP/1.1\r\nhost: localhost:{self.port}\r\n\r\n".encode())
            probe.close()
            return answer.status == 200
        return False

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
        self.connection = None
