"""People of a surge: each comes once, from an address and over a connection of his or her own, and wants to sign in."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable
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
        visitor: Visitor | None = None
        try:
            visitor = Visitor(await self._connected(), self._installation.origin, language=language)
            visitor.address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
            await self._walk(visitor, number)
        except TimeoutError:
            self._note(number, End.HUNG)
        except (UnexpectedAnswer, ServerClosed, OSError) as wrong:
            self._note(number, End.WRONG, why=f"{type(wrong).__name__}: {wrong}")
        finally:
            if visitor is not None:
                _line(visitor).close()

    async def settle(self) -> None:
        """Wait until every visit has ended; who is on the way long after everybody else hangs."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_WAY):
                while self._under_way:
                    self._ended.clear()
                    await self._ended.wait()
        for number in [*self._under_way]:
            self._note(number, End.HUNG)

    async def _connected(self) -> Connection:
        async with asyncio.timeout(PATIENCE):
            return await Connection.open("127.0.0.1", self._installation.port(0))

    async def _walk(self, visitor: Visitor, number: int) -> None:
        first = answer = await _patient(visitor.get(AUTHORIZE))
        if first.status == _REFUSED:
            self._note(number, End.SHED, told=_is_told(first, visitor.language))
            await _line(visitor).ended(STAYING)
            return
        person = {"username": personal_number(number), "password": PASSWORD}
        page, told = None, True
        for tries in range(1, MOST_TRIES + 1):
            if page is None:
                answer = await _patient(visitor.follow(first))
                if find_form(answer, "sign-in") is not None:
                    page = answer
                    await self._pause(visitor, self._typing)
            if page is not None:
                answer = await _patient(visitor.submit(page, "sign-in", person))
            if "code" in query_of(answer):
                self._note(number, End.FINISHED, tries=tries, told=told)
                return
            if answer.status != _REFUSED:
                raise UnexpectedAnswer(f"{answer.status} {answer.header('location')} {answer.body[:120]!r}")
            told &= answer.header("retry-after") is not None
            await self._pause(visitor, float(answer.header("retry-after") or 1))
        self._note(number, End.GAVE_UP, tries=MOST_TRIES, told=told)

    async def _pause(self, visitor: Visitor, seconds: float) -> None:
        """Come back later, over another connection: the server ends one that is idle."""
        if seconds:
            _line(visitor).close()
            await asyncio.sleep(seconds)
            visitor.connection = await self._connected()

    def _note(self, number: int, end: End, *, tries: int = 0, told: bool = True, why: str = "") -> None:
        self._ended.set()
        due = self._under_way.pop(number, None)
        if due is not None:
            self.visits.append(Visit(due, time.perf_counter(), end, tries, told, why))


_LANGUAGES = ("vi", "en")


def _line(visitor: Visitor) -> Connection:
    assert isinstance(visitor.connection, Connection)
    return visitor.connection


def _is_told(answer: Answer, language: str | None) -> bool:
    """Whether a refusal says when to come again, and is a page in the person's language."""
    page = _PAGE in answer.body and f'lang="{language}"'.encode() in answer.body
    return page and (answer.header("retry-after") or "").isdigit()


async def _patient(asked: Awaitable[Answer]) -> Answer:
    """Return the answer. Raises `TimeoutError` when there is none for long."""
    async with asyncio.timeout(PATIENCE):
        return await asked
