"""People of a surge: each comes once, from an address and over a connection of his or her own, and wants to sign in."""

import asyncio
import contextlib
import time
from dataclasses import dataclass
from enum import StrEnum
from itertools import count

from bench.connection import Answer, Connection, ServerClosed
from bench.installation import PASSWORD, Installation, personal_number
from bench.scenarios import AUTHORIZE
from bench.visitor import UnexpectedAnswer, Visitor, find_form, query_of

PATIENCE = 15.0
"""Seconds without an answer that count as a hang."""

MOST_TRIES = 8
"""How often somebody who was let in sends the form again, each time after the wait that the answer asked for."""

LONGEST_WAY = 120.0
"""Seconds after the last arrival until whoever has not finished hangs: a refusal asks for a minute at most."""

STAYING = 75.0
"""Seconds that somebody who was turned away stays connected, as browsers do, unless the server hangs up."""

_OK = 200
_REFUSED = 503
_PAGE = b'data-error="temporarily_unavailable"'


class End(StrEnum):
    """How a visit ended."""

    FINISHED = "finished"
    SHED = "shed"
    GAVE_UP = "gave up"
    HUNG = "hung"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Visit:
    """One person's way: when it was due, when it ended, how, and how often the form was sent.

    `told` is false where a refusal had no `Retry-After`, or no page that says what to do in the person's language.
    """

    due: float
    ended: float
    end: End
    tries: int = 0
    told: bool = True
    why: str = ""

    @property
    def seconds(self) -> float:
        """From the moment at which the person came."""
        return self.ended - self.due


class Line:
    """What a browser does: it connects anew where an answer was the last of its connection (RFC 9112 section 9.6)."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection: Connection | None = None

    async def ask(self, request: bytes) -> Answer:
        """Send a complete request and return its answer. Raises OSError, `ServerClosed`, `TimeoutError`."""
        async with asyncio.timeout(PATIENCE):
            if self._connection is None:
                self._connection = await Connection.open("127.0.0.1", self._port)
            answer = await self._connection.ask(request)
        if answer.header("connection") == "close":
            self.close()
        return answer

    async def stay(self, seconds: float) -> None:
        """Stay connected for so long, unless the server hangs up."""
        if self._connection is not None:
            await self._connection.ended(seconds)

    def close(self) -> None:
        """Hang up; the next request goes over another connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Visitors:
    """Sends people; `visits` are those that ended. `typing` seconds pass between the page and the form."""

    def __init__(self, installation: Installation, typing: float = 0.0) -> None:
        self._installation = installation
        self._typing = typing
        self._numbers = count(100_000)
        self._under_way: dict[int, float] = {}
        self._ended = asyncio.Event()
        self.visits: list[Visit] = []

    async def come(self, due: float) -> None:
        """One visit from its beginning to its end."""
        number = next(self._numbers)
        self._under_way[number] = due
        language = _LANGUAGES[number % len(_LANGUAGES)]
        line = Line(self._installation.port(0))
        visitor = Visitor(line, self._installation.origin, language=language)
        visitor.address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        try:
            await self._walk(visitor, line, number)
        except TimeoutError:
            self._note(number, End.HUNG)
        except (UnexpectedAnswer, ServerClosed, OSError) as wrong:
            self._note(number, End.WRONG, why=f"{type(wrong).__name__}: {wrong}")
        finally:
            line.close()

    async def settle(self) -> None:
        """Wait until every visit has ended; who is on the way long after everybody else hangs."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_WAY):
                while self._under_way:
                    self._ended.clear()
                    await self._ended.wait()
        for number in [*self._under_way]:
            self._note(number, End.HUNG)

    async def _walk(self, visitor: Visitor, line: Line, number: int) -> None:
        first = answer = await visitor.get(AUTHORIZE)
        if first.status == _REFUSED:
            self._note(number, End.SHED, told=_is_told(first, visitor.language))
            await line.stay(STAYING)
            return
        person = {"username": personal_number(number), "password": PASSWORD}
        page, told = None, True
        for tries in range(1, MOST_TRIES + 1):
            if page is None:
                answer = await visitor.follow(first)
                if find_form(answer, "sign-in") is not None:
                    page = answer
                    await _pause(line, self._typing)
            if page is not None:
                answer = await visitor.submit(page, "sign-in", person)
            if "code" in query_of(answer):
                self._note(number, End.FINISHED, tries=tries, told=told)
                return
            if answer.status != _REFUSED:
                raise UnexpectedAnswer(f"{answer.status} {answer.header('location')} {answer.body[:120]!r}")
            told &= answer.header("retry-after") is not None
            await _pause(line, float(answer.header("retry-after") or 1))
        self._note(number, End.GAVE_UP, tries=MOST_TRIES, told=told)

    def _note(self, number: int, end: End, *, tries: int = 0, told: bool = True, why: str = "") -> None:
        self._ended.set()
        due = self._under_way.pop(number, None)
        if due is not None:
            self.visits.append(Visit(due, time.perf_counter(), end, tries, told, why))


_LANGUAGES = ("vi", "en")


async def _pause(line: Line, seconds: float) -> None:
    """Come back later, over another connection: the server ends one that is idle."""
    if seconds:
        line.close()
        await asyncio.sleep(seconds)


def _is_told(answer: Answer, language: str | None) -> bool:
    """Whether a refusal says when to come again, and is a page in the person's language."""
    page = _PAGE in answer.body and f'lang="{language}"'.encode() in answer.body
    return page and (answer.header("retry-after") or "").isdigit()
