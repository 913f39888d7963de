"""The stream of sign-ins, code flows and refreshes, by a bounded number of people and clients at once."""

import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from tests.chaos.journeys import Journeys, step_now
from tests.chaos.ledger import Code, Family, Session
from tests.chaos.people import PORTAL, Person, Population
from tests.chaos.timeline import Timeline
from tests.chaos.wire import Refused, Unanswered

KINDS = ("sign-in", "sign-in with code", "code flow", "refresh")
SHARES = {"sign-in": 0.5, "sign-in with code": 0.5, "code flow": 1.0, "refresh": 1.0}
"""How many of each kind for one operation asked for: half of the sign-ins are with a one-time code."""

PAUSE = 0.1
"""Seconds that somebody waits after a failure before the next try."""

_MOST_SESSIONS = 400
_TWICE = 0.08

Operation = Callable[[], Awaitable[bool]]
"""One operation; False when it turned out to be none."""


@dataclass
class Load:
    """Runs until it is stopped. `pace` is operations per second in all, as fast as answers come when 0."""

    journeys: Journeys
    population: Population
    timeline: Timeline
    people_at_once: int = 12
    pace: float = 0.0
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    sessions: deque[Session] = field(default_factory=deque)
    families: deque[Family] = field(default_factory=deque)
    asked_again: list[tuple[float, Session]] = field(default_factory=list)
    """Who was asked to sign in again, and when: whether the session is lost shows at the end."""
    _steps: dict[Person, int] = field(default_factory=dict)
    _slot: float = 0.0

    def __post_init__(self) -> None:
        population = self.population
        self._citizens = deque(population.citizens)
        self._special: dict[str, Iterator[Operation]] = {
            "consent": (partial(self._consent, person) for person in population.consenting),
            "enrolment": (partial(self._enrol, person) for person in population.newcomers),
            "sign-out": (partial(self._sign_out, person) for person in population.desk),
        }

    def done(self, kind: str, operations: int) -> float:
        """How much of the operations asked for was attempted, 1.0 when all."""
        return self.timeline.attempted[kind] / (operations * SHARES[kind])

    def least_done(self, operations: int) -> float:
        """The same for the kind of which the least was done."""
        return min(self.done(kind, operations) for kind in KINDS)

    async def run(self) -> None:
        """Keep everybody busy until `stopping`."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self.people_at_once):
                group.create_task(self._keep_working())

    async def _keep_working(self) -> None:
        while not self.stopping.is_set():
            await self._turn()
            kind, operation = self._draw()
            try:
                counts = await operation()
            except (Unanswered, Refused) as failure:
                self.timeline.note(kind, str(failure))
                await asyncio.sleep(PAUSE)
                continue
            if counts:
                self.timeline.note(kind)

    async def _turn(self) -> None:
        """Wait for the next slot of the pace."""
        if self.pace:
            now = time.monotonic()
            self._slot = max(self._slot + 1 / self.pace, now - 1)
            await asyncio.sleep(max(0.0, self._slot - now))

    def _draw(self) -> tuple[str, Operation]:
        """The next operation: now and then a rare one, else whichever kind is furthest behind."""
        if self.chance.random() < 0.03:
            kind = self.chance.choice(list(self._special))
            operation = next(self._special[kind], None)
            if operation is not None:
                return kind, operation
        kind = min(KINDS, key=lambda each: self.timeline.attempted[each] / SHARES[each])
        if kind == "refresh" and self.families:
            return kind, partial(self._refresh, self.families.popleft())
        if kind == "code flow" and self.sessions:
            return kind, partial(self._code_flow, self.sessions.popleft())
        if kind == "sign-in with code":
            return kind, self._sign_in_with_code
        return "sign-in", self._sign_in

    async def _sign_in(self) -> bool:
        self._citizens.rotate(-1)
        self._keep(*await self._settled(await self.journeys.sign_in(self._citizens[0])))
        return True

    async def _sign_in_with_code(self) -> bool:
        step = step_now()
        for _ in range(len(self._citizens)):
            self._citizens.rotate(-1)
            if self._steps.get(self._citizens[0], 0) < step - 1:
                break
        else:
            await asyncio.sleep(PAUSE)
            return False
        person = self._citizens[0]
        self._steps[person] = step
        if self.chance.random() < _TWICE:
            session = await self.journeys.use_code_twice(person, step)
            self._keep(session, None)
        else:
            self._keep(*await self._settled(await self.journeys.sign_in_with_code(person, step)))
        return True

    async def _settled(self, arrived: tuple[Session, Code]) -> tuple[Session, Family]:
        session, code = arrived
        return session, await self.journeys.parties.redeem(code)

    async def _code_flow(self, session: Session) -> bool:
        try:
            code = await self.journeys.code_for(session, PORTAL)
            if code is not None and self.chance.random() < _TWICE:
                await self._redeem_twice(code)
            elif code is not None:
                family = await self.journeys.parties.redeem(code)
                await self.journeys.parties.ask_who(family)
                self._keep(None, family)
        except (Unanswered, Refused):
            self.sessions.append(session)
            raise
        if code is None:
            self.asked_again.append((time.monotonic(), session))
            return False
        self.sessions.append(session)
        return True

    def note_asked_in_vain(self) -> None:
        """Those who were asked to sign in again although their session is there met a failure."""
        for at, session in self.asked_again:
            if not session.lost:
                self.timeline.note("code flow", "asked to sign in again", at)

    async def _redeem_twice(self, code: Code) -> None:
        """The client, or somebody who saw the code, presents it twice at once: one at most gets tokens."""
        parties = self.journeys.parties
        answers = await asyncio.gather(*(parties.present(code) for _ in range(2)), return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer

    async def _refresh(self, family: Family) -> bool:
        parties = self.journeys.parties
        if self.chance.random() < _TWICE:
            await self._turn_twice(family)
            return True
        await parties.refresh(family)
        self._keep(None, family)
        return True

    async def _turn_twice(self, family: Family) -> None:
        """A refresh token is presented twice at once: one at most gets tokens, and the family ends."""
        family.doubt = "presented twice"
        parties = self.journeys.parties
        token = family.refresh_token
        answers = await asyncio.gather(*(parties.present_turn(family, token) for _ in range(2)), return_exceptions=True)
        if sum(1 for answer in answers if not isinstance(answer, BaseException) and answer.status == 200) > 1:
            self.journeys.ledger.single_use_violated.append("a refresh token was turned twice at once")
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer

    async def _consent(self, person: Person) -> bool:
        self._keep(*await self._settled(await self.journeys.consent(person)))
        return True

    async def _enrol(self, person: Person) -> bool:
        self._keep(*await self._settled(await self.journeys.enrol(person)))
        return True

    async def _sign_out(self, person: Person) -> bool:
        await self.journeys.sign_out(person)
        return True

    def _keep(self, session: Session | None, family: Family | None) -> None:
        if session is not None and len(self.sessions) < _MOST_SESSIONS:
            self.sessions.append(session)
        if family is not None and family.client.client_id in {"chaos-portal", "chaos-gateway"}:
            self.families.append(family)
