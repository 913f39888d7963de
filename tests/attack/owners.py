"""The owners, who sign in all the while: on the devices that they always use, and on new ones."""

import asyncio
import time
from concurrent.futures import Executor
from dataclasses import dataclass, field

from bench.connection import Answer
from bench.visitor import Visitor, find_form, query_of
from idp.domain.abuse.proof_of_work import solve
from tests.attack.line import Line
from tests.attack.people import PASSWORD
from tests.relying_party import authorize_url

PATIENCE = 60
"""Answers that an owner puts up with before giving up."""


_NO_ROOM = 503


@dataclass
class Journeys:
    """What became of the sign-ins of one kind of owner; `seconds` from the first page to the code.

    Typing is left out, and the work of a browser's script: here one process does it for all of them, while it attacks.
    """

    begun: int = 0
    seconds: list[float] = field(default_factory=list)
    worked: int = 0
    failures: list[str] = field(default_factory=list)

    def percentile(self, percent: float) -> float:
        """The time that `percent` of them did not exceed; 0 when there was none."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else 0.0


class Owner:
    """One person at one device."""

    def __init__(self, line: Line, origin: str, address: str, username: str, *, has_script: bool) -> None:
        self.browser = Visitor(line, origin, address=address)
        self._username = username
        self._has_script = has_script
        self._hands = asyncio.Lock()

    async def sign_in(self, journeys: Journeys, workers: Executor) -> None:
        """Sign in, doing what the pages ask; one sign-in after the other."""
        async with self._hands:
            await self._sign_in(journeys, workers)

    async def _sign_in(self, journeys: Journeys, workers: Executor) -> None:
        journeys.begun += 1
        begun, working = time.monotonic(), 0.0
        first = await self.browser.get(authorize_url(prompt="login"))
        for _ in range(PATIENCE):
            if first.status != _NO_ROOM:
                break
            await asyncio.sleep(int(first.header("retry-after") or 1))
            first = await self.browser.get(authorize_url(prompt="login"))
        page = await self.browser.follow(first)
        for _ in range(PATIENCE):
            form = find_form(page, "sign-in")
            if form is None:
                break
            fields = {**form.hidden, "username": self._username, "password": PASSWORD}
            if page.status == _NO_ROOM:
                await asyncio.sleep(int(page.header("retry-after") or 1))
            if puzzle := fields.get("puzzle"):
                journeys.worked += 1
                working += await self._pay(page, puzzle, fields, workers)
            page = await self.browser.follow(await self.browser.post(form.action, fields))
        if "code" in query_of(page):
            journeys.seconds.append(time.monotonic() - begun - working)
        else:
            journeys.failures.append(f"{self._username}: {page.status} {page.header('location') or ''}")

    async def _pay(self, page: Answer, puzzle: str, fields: dict[str, str], workers: Executor) -> float:
        """Work or wait; return the seconds that the work took."""
        if not self._has_script:
            await asyncio.sleep(int((page.header("retry-after") if page.status == 429 else None) or 15))
            return 0.0
        begun, bits = time.monotonic(), int(puzzle.partition(".")[0])
        fields["solution"] = await asyncio.get_running_loop().run_in_executor(workers, solve, puzzle, bits)
        return time.monotonic() - begun
