"""The attackers: each address is one browser that tries its share of the pairs, one after the other."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from enum import StrEnum

from bench.connection import Answer
from bench.visitor import Visitor, find_form
from idp.domain.abuse.attack import SHORTEST_WAIT
from idp.domain.abuse.proof_of_work import solve
from tests.attack.line import Line
from tests.attack.people import Pair
from tests.relying_party import authorize_url


class Kind(StrEnum):
    """What a bot does when a try costs something."""

    HASTY = "neither works nor waits"
    WAITING = "waits"
    WORKING = "does the work"


PATIENCE = 60
"""How often a bot comes back that is told at the door to come later."""

_NO_ROOM = 503

RETRIES = {Kind.HASTY: 0, Kind.WAITING: 1, Kind.WORKING: 2}
"""How often a bot sends a pair again that was not looked at."""


@dataclass
class Haul:
    """What became of the guesses of one kind of bot."""

    addresses: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)

    @property
    def guesses(self) -> int:
        """Passwords sent."""
        return self.outcomes.total()

    @property
    def looked_at(self) -> int:
        """Passwords that were hashed."""
        return self.outcomes["wrong"] + self.outcomes["right"]


class Bot:
    """One address."""

    def __init__(self, port: int, origin: str, address: str, kind: Kind) -> None:
        self._port = port
        self._origin = origin
        self._address = address
        self._kind = kind

    async def try_all(self, pairs: Sequence[Pair], haul: Haul, workers: Executor) -> None:
        """Try every pair."""
        line = Line(self._port)
        try:
            browser = Visitor(line, self._origin, address=self._address)
            page = await self._fresh(browser)
            for pair in pairs:
                answer = await self._guess(browser, page, pair, haul, workers)
                page = answer if find_form(answer, "sign-in") else await self._fresh(browser)
        finally:
            line.close()

    async def _guess(self, browser: Visitor, page: Answer, pair: Pair, haul: Haul, workers: Executor) -> Answer:
        page = await self._submitted(browser, page, pair, workers)
        outcome = _outcome(page)
        for _ in range(RETRIES[self._kind]):
            if outcome != "work first":
                break
            page = await self._submitted(browser, page, pair, workers)
            outcome = _outcome(page)
        haul.outcomes[outcome] += 1
        if outcome == "right":
            browser.cookies.clear()
        return page

    async def _submitted(self, browser: Visitor, page: Answer, pair: Pair, workers: Executor) -> Answer:
        form = find_form(page, "sign-in")
        assert form
        fields = {**form.hidden, "username": pair.username, "password": pair.password}
        puzzle = fields.get("puzzle", "")
        if puzzle and self._kind is Kind.WORKING:
            bits = int(puzzle.partition(".")[0])
            fields["solution"] = await asyncio.get_running_loop().run_in_executor(workers, solve, puzzle, bits)
        elif puzzle and self._kind is Kind.WAITING:
            await asyncio.sleep(SHORTEST_WAIT)
        elif puzzle:
            # A page that lies about for long enough is good without work: a bot in a hurry does not have such pages.
            fields["puzzle"] = ""
        return await browser.follow(await browser.post(form.action, fields))

    async def _fresh(self, browser: Visitor) -> Answer:
        browser.cookies.clear()
        answer = await browser.get(authorize_url())
        for _ in range(PATIENCE):
            if answer.status != _NO_ROOM:
                break
            await asyncio.sleep(int(answer.header("retry-after") or 1))
            answer = await browser.get(authorize_url())
        return await browser.follow(answer)


def _outcome(answer: Answer) -> str:
    if answer.status == 400:
        return "wrong"
    if answer.status == 429:
        return "work first" if find_form(answer, "sign-in").hidden.get("puzzle") else "slowed"  # type: ignore[union-attr]
    if answer.status == _NO_ROOM:
        return "no room"
    return "right"
