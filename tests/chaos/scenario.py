"""One fault: the provider under load, something breaks, and afterwards the books are compared."""

import asyncio
import signal
import sys
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

from tests.chaos.across import repeat_across
from tests.chaos.audit import check_audit
from tests.chaos.journeys import Journeys
from tests.chaos.ledger import Ledger
from tests.chaos.load import KINDS, Load
from tests.chaos.oracle import Oracle
from tests.chaos.people import Person, Population
from tests.chaos.place import Place, logged_errors, mailed_code
from tests.chaos.receiver import LogoutReceiver, logout_receiver
from tests.chaos.relying_party import RelyingParties
from tests.chaos.timeline import Timeline
from tests.chaos.wire import Refused, Wire

P = TypeVar("P", bound=Place)

BEFORE = 0.35
"""The share of the operations that is done before anything breaks."""

SETTLE = 10.0
"""Seconds for which the load goes on once nothing is wrong any more."""

_MAIL_LIMIT = 5.0
_LOOK = 0.05


@dataclass(frozen=True, slots=True)
class Scenario(Generic[P]):
    """A fault and where it happens.

    `open` starts a place with the people in it, told the receiver of logout tokens; `fault` breaks something and
    returns when nothing is wrong any more. `after_repair`: recovery counts from the repair, because until then nothing
    can work. `seamless`: nobody may notice; it happens at half of what the place can bear, and any failure is one too
    many.
    """

    name: str
    title: str
    open: Callable[[Path, Population, LogoutReceiver], P]
    fault: Callable[[P], Coroutine[None, None, None]]
    sessions_may_go: bool = False
    after_repair: bool = False
    seamless: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line of the table; times in seconds."""

    name: str
    fault: str
    operations: int
    errors: float
    silence: float
    recovery: float
    durable_lost: int
    single_use_violated: int
    wrong_identity: int
    sessions_lost: int
    allowed: bool
    done: dict[str, int] = field(default_factory=dict)
    checked: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    findings: dict[str, int] = field(default_factory=dict)
    logged: dict[str, int] = field(default_factory=dict)


async def run(scenario: Scenario[P], folder: Path, operations: int) -> Verdict:
    """Play a scenario through; whatever happens, nothing of it is left running."""
    population = Population()
    this = asyncio.current_task()
    assert this is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)
    async with logout_receiver() as receiver:
        place = await asyncio.to_thread(scenario.open, folder, population, receiver)
        try:
            return await _play(scenario, place, population, receiver, operations)
        finally:
            await asyncio.to_thread(place.close)


async def _play(
    scenario: Scenario[P], place: P, population: Population, receiver: LogoutReceiver, operations: int
) -> Verdict:
    wire, ledger, timeline = Wire(place.entrance), Ledger(), Timeline()
    journeys = Journeys(RelyingParties(wire, ledger), partial(_mailbox, place))
    load = Load(journeys, population, timeline)
    locked = iter(population.locked)
    working = asyncio.create_task(load.run())
    try:
        await _lock(place, ledger, next(locked))
        await _until(working, lambda: load.least_done(operations) >= BEFORE)
        if scenario.seamless:
            load.pace = timeline.rate / 2
        say(f"{scenario.name}: {scenario.title} (after {len(timeline.finished)} operations, {timeline.rate:.0f}/s)")
        broken = time.monotonic()
        across = asyncio.create_task(repeat_across(load, broken))
        breaking = asyncio.create_task(scenario.fault(place))
        await _lock(place, ledger, next(locked))
        await breaking
        repaired = time.monotonic()
        await _lock(place, ledger, next(locked))
        enough = max(time.monotonic(), repaired + SETTLE)
        await _until(working, lambda: load.least_done(operations) >= 1 and time.monotonic() >= enough)
    finally:
        load.stopping.set()
        await working
    await across
    say(f"{scenario.name}: comparing the books of {len(timeline.finished)} operations")
    await Oracle(journeys, receiver).check()
    load.note_asked_in_vain()
    await wire.hang_up()
    await asyncio.to_thread(check_audit, place, ledger)
    verdict = _verdict(scenario, ledger, timeline, broken, repaired)
    return replace(verdict, logged=dict(logged_errors(place.logs).most_common(20)))


def _verdict(scenario: Scenario[P], ledger: Ledger, timeline: Timeline, broken: float, repaired: float) -> Verdict:
    wrong = [*ledger.durable_lost, *ledger.single_use_violated, *ledger.wrong_identity]
    return Verdict(
        name=scenario.name,
        fault=scenario.title,
        operations=len(timeline.finished),
        errors=timeline.errors,
        silence=timeline.silence(broken),
        recovery=timeline.recovery(repaired if scenario.after_repair else broken),
        durable_lost=len(ledger.durable_lost),
        single_use_violated=len(ledger.single_use_violated),
        wrong_identity=len(ledger.wrong_identity),
        sessions_lost=ledger.sessions_lost,
        allowed=not wrong
        and (scenario.sessions_may_go or ledger.sessions_lost == 0)
        and not (scenario.seamless and timeline.errors),
        done={kind: timeline.attempted[kind] for kind in KINDS},
        checked=dict(ledger.checked),
        reasons=dict(timeline.reasons.most_common(12)),
        findings={each: wrong.count(each) for each in dict.fromkeys(wrong)},
    )


async def _until(working: "asyncio.Task[None]", reached: Callable[[], bool]) -> None:
    while not reached():
        if working.done():
            working.result()
        await asyncio.sleep(_LOOK)


async def _lock(place: Place, ledger: Ledger, person: Person) -> None:
    """Lock an account as an operator does; noted when the command says that it is done."""
    done = await asyncio.to_thread(place.command, "person", "lock", person.personal_number)
    if done.returncode == 0:
        ledger.locks.append(person)


async def _mailbox(place: Place, person: Person) -> str:
    with suppress(TimeoutError):
        async with asyncio.timeout(_MAIL_LIMIT):
            while (code := mailed_code(place.mail, person)) is None:  # noqa: ASYNC110 -- a file comes without a word
                await asyncio.sleep(_LOOK)
            return code
    raise Refused("no message came")


def say(what: str) -> None:
    """Tell whoever waits."""
    print(what, file=sys.stderr, flush=True)
