"""After the fault: every acknowledged fact is asked for again, and everything that was used once is shown once more."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from tests.chaos.journeys import Journeys, step_now
from tests.chaos.ledger import Code, Enrolment, Family, Ledger, Session, SignOut
from tests.chaos.people import ASKING, PORTAL, Person
from tests.chaos.receiver import LogoutReceiver
from tests.chaos.wire import Refused, Unanswered

T = TypeVar("T")

PATIENCE = 60.0
"""Seconds in which a provider that nothing is wrong with any more has to answer, and to deliver what it owes."""

_AT_ONCE = 12
_AGAIN = 0.25


async def insist(ask: Callable[[], Awaitable[T]], patience: float = PATIENCE) -> T:
    """Ask until there is an answer; raises `Unanswered` when there is none for `patience` seconds."""
    deadline = time.monotonic() + patience
    while True:
        try:
            return await ask()
        except Unanswered:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(_AGAIN)


class Oracle:
    """Compares what the provider says now with the ledger; what does not agree is written into the ledger."""

    def __init__(self, journeys: Journeys, receiver: LogoutReceiver) -> None:
        self._journeys = journeys
        self._ledger: Ledger = journeys.ledger
        self._receiver = receiver

    async def check(self) -> None:
        """Ask for everything: first what has to be there, then what must not work again."""
        ledger = self._ledger
        await self._each(
            "sessions", [each for each in ledger.sessions if not each.lost and not each.doubt], self._session
        )
        await self._each("refresh families", [each for each in ledger.families if not each.doubt], self._family)
        await self._each("consents", ledger.consents, self._consent)
        await self._each("locks", ledger.locks, self._lock)
        await self._each("sign-outs", ledger.sign_outs, self._sign_out)
        await self._logout_tokens()
        await self._each("codes again", [each for each in ledger.codes if each.honoured], self._code_again)
        await self._each("refresh tokens again", [each for each in ledger.families if each.used], self._turn_again)
        await self._each("enrolments", ledger.enrolments, self._enrolment)

    async def _each(self, what: str, items: Sequence[T], check: Callable[[T], Awaitable[None]]) -> None:
        waiting = iter(items)

        async def keep_checking() -> None:
            for item in waiting:
                await check(item)

        async with asyncio.TaskGroup() as group:
            for _ in range(_AT_ONCE):
                group.create_task(keep_checking())
        self._ledger.checked[what] += len(items)

    async def _session(self, session: Session) -> None:
        if await insist(lambda: self._journeys.code_for(session, PORTAL)) is None:
            self._ledger.lose(session)

    async def _family(self, family: Family) -> None:
        async def turn() -> None:
            if family.doubt:
                return  # the try before this one may have turned it
            try:
                await self._journeys.parties.refresh(family)
            except Refused as refusal:
                self._ledger.durable_lost.append(f"a refresh family is gone: {refusal}")

        await insist(turn)

    async def _consent(self, person: Person) -> None:
        if not await insist(lambda: self._journeys.is_let_in(person, ASKING)):
            self._ledger.durable_lost.append("a consent is asked for again")

    async def _lock(self, person: Person) -> None:
        if await insist(lambda: self._journeys.is_let_in(person, PORTAL)):
            self._ledger.durable_lost.append("a locked account signs in")

    async def _sign_out(self, over: SignOut) -> None:
        stolen = Session(over.person, over.browser, doubt=True)
        if await insist(lambda: self._journeys.code_for(stolen, PORTAL)) is not None:
            self._ledger.durable_lost.append("a session lives on after its sign-out")
        parties, family = self._journeys.parties, over.family
        answer = await insist(lambda: parties.present_turn(family, family.refresh_token))
        if answer.status == 200:
            self._ledger.durable_lost.append("tokens live on after the sign-out")

    async def _logout_tokens(self) -> None:
        owed = {over.sid for over in self._ledger.sign_outs}
        deadline = time.monotonic() + PATIENCE
        while owed - self._receiver.sids and time.monotonic() < deadline:  # noqa: ASYNC110 -- nobody tells of what is not there
            await asyncio.sleep(_AGAIN)
        self._ledger.checked["logout tokens"] += len(owed)
        self._ledger.durable_lost += ["a logout token never came"] * len(owed - self._receiver.sids)

    async def _code_again(self, code: Code) -> None:
        await insist(lambda: self._journeys.parties.present(code))

    async def _turn_again(self, family: Family) -> None:
        answer = await insist(lambda: self._journeys.parties.present_turn(family, family.used[-1]))
        if answer.status == 200:
            self._ledger.single_use_violated.append("a refresh token that was turned before was turned again")

    async def _enrolment(self, enrolment: Enrolment) -> None:
        while step_now() <= enrolment.step:  # noqa: ASYNC110 -- time passes by itself
            await asyncio.sleep(1)
        if not await insist(lambda: self._journeys.has_second_factor(enrolment)):
            self._ledger.durable_lost.append("an enrolled second factor does not sign in")
