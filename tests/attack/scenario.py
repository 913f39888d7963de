"""The attack: a list of pairs, tried from many addresses behind a proxy, while owners sign in."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.machine import usage_of
from idp.domain.abuse import attack as rules
from idp.journeys.abuse.challenges import WAIT_INTERVAL, WAITS_AT_ONCE
from idp.journeys.abuse.meters import SHARE_INTERVAL
from tests.attack import codes
from tests.attack.bots import Bot, Haul, Kind
from tests.attack.line import Line
from tests.attack.owners import Journeys, Owner
from tests.attack.people import ARGON2, OWNERS, Pair, bought_pairs, personal_number, write_records
from tests.server import CALLBACK, RECORDS, ProviderProcess

BOTS_AT_ONCE = 24
WORKING_ADDRESSES = 6
"""Work is done by this machine too, so few addresses do it; what each of them gets by it does not hang on how many."""

WAITING_SHARE = 0.05
PACE = 0.4
"""Seconds from one owner's sign-in to the next one's."""

USUAL_FAILURES = 1
"""A second: what a place of this size may set (`IDP_USUAL_FAILURES`). A national one has four and more."""

KNOWN_DEVICES = 20
SPREAD = 2
"""An attack fills the shares of the whole unevenly: so many times the alarm until every share has passed it."""


@dataclass
class Attack:
    """What was counted."""

    bots: dict[Kind, Haul] = field(default_factory=lambda: {kind: Haul() for kind in Kind})
    before: Journeys = field(default_factory=Journeys)
    known: Journeys = field(default_factory=Journeys)
    scripted: Journeys = field(default_factory=Journeys)
    scriptless: Journeys = field(default_factory=Journeys)
    guessed: list[codes.Guessed] = field(default_factory=list)
    elapsed: float = 0.0
    server_cpu: float = 0.0

    @property
    def owners(self) -> tuple[Journeys, ...]:
        """All kinds of them."""
        return self.known, self.scripted, self.scriptless

    @property
    def bounds(self) -> dict[Kind, int]:
        """How many guesses of each kind of bot may be looked at: `docs/abuse.md` says why."""
        shares = USUAL_FAILURES * SHARE_INTERVAL
        until_alarm = SPREAD * shares * rules.OVERALL_ALARM + BOTS_AT_ONCE
        # What time forgives, and owners' sign-ins, one each.
        forgiven = int(self.elapsed * USUAL_FAILURES) + len(self.scripted.seconds) + len(self.scriptless.seconds)
        waits = WAITS_AT_ONCE + int(self.elapsed / WAIT_INTERVAL) + 1
        share = rules.SOURCE_SHARE + int(self.elapsed / 300) + 2
        return {
            Kind.HASTY: until_alarm + forgiven,
            # Nobody knows which kind tries before the alarm.
            Kind.WAITING: until_alarm + self.bots[Kind.WAITING].addresses * waits,
            Kind.WORKING: self.bots[Kind.WORKING].addresses * (share + 5),
        }


async def run(folder: Path, pairs: int, addresses: int, seed: int) -> Attack:
    """Attack a provider in `folder`."""
    found = Attack()
    with _provider(folder) as provider, ProcessPoolExecutor(1) as workers, ProcessPoolExecutor(1) as browsers:
        assert provider.process
        async with _owners(provider, found, browsers):
            before = usage_of(provider.process.pid).cpu
            begun = time.monotonic()
            await _stuff(provider, found, list(bought_pairs(pairs, seed)), addresses, workers)
            found.elapsed = time.monotonic() - begun
            found.server_cpu = usage_of(provider.process.pid).cpu - before
        # What was guessed at before the codes is over: the alarm would ask work for the victim's password.
        await asyncio.sleep(_COOLS_DOWN)
        line = Line(provider.port)
        found.guessed = [
            await codes.guess_one_time_codes(line, provider.url),
            await codes.guess_user_codes(line, provider.url, network=1, guesses=50),
            await codes.guess_user_codes(line, provider.url, network=2, guesses=800),
        ]
        line.close()
    return found


_COOLS_DOWN = 90


@contextmanager
def _provider(folder: Path) -> Iterator[ProviderProcess]:
    settings = {
        "IDP_TRUSTED_PROXIES": "127.0.0.1",
        "IDP_ARGON2": ARGON2,
        "IDP_USUAL_FAILURES": str(USUAL_FAILURES),
    }
    provider = ProviderProcess(folder, settings)
    strong = (
        f"  - {{client_id: {codes.STRONG}, client_secret: a-secret-for-the-strong-portal, skip_consent: true,"
        f' redirect_uris: ["{CALLBACK}"], scope: openid profile, minimum_acr: urn:vn:loa:2}}\n'
    )
    provider.load(RECORDS + strong)
    people = folder / "people.jsonl"
    write_records(people)
    provider.command("import", str(people))
    provider.start()
    try:
        yield provider
    finally:
        provider.stop()


async def _stuff(
    provider: ProviderProcess, found: Attack, pairs: Sequence[Pair], addresses: int, workers: Executor
) -> None:
    kinds = _kinds(addresses)
    turns = asyncio.Semaphore(BOTS_AT_ONCE)
    waiting = asyncio.Semaphore(BOTS_AT_ONCE * 4)

    async def one(number: int) -> None:
        kind = kinds[number]
        haul = found.bots[kind]
        haul.addresses += 1
        bot = Bot(provider.port, provider.url, _address(number), kind)
        async with turns if kind is Kind.HASTY else waiting:
            await bot.try_all(pairs[number::addresses], haul, workers)

    await asyncio.gather(*map(one, range(addresses)))


def _kinds(addresses: int) -> list[Kind]:
    kinds = [Kind.WORKING] * min(WORKING_ADDRESSES, addresses) + [Kind.WAITING] * int(addresses * WAITING_SHARE)
    kinds += [Kind.HASTY] * (addresses - len(kinds))
    random.Random(1).shuffle(kinds)
    return kinds


def _address(number: int) -> str:
    """An address in a network of its own: the worst case, in which no network tells anything."""
    return f"10.{number // 250}.{number % 250}.{number % 200 + 1}"


@asynccontextmanager
async def _owners(provider: ProviderProcess, found: Attack, workers: Executor) -> AsyncIterator[None]:
    known = [_owner(provider, number, "100.64.0") for number in range(KNOWN_DEVICES)]
    for owner in known:
        await owner.sign_in(found.before, workers)
    assert not found.before.failures, found.before.failures
    over = asyncio.Event()
    rounds = asyncio.create_task(_rounds(provider, found, known, workers, over))
    yield
    over.set()
    await rounds


async def _rounds(
    provider: ProviderProcess, found: Attack, known: Sequence[Owner], workers: Executor, over: asyncio.Event
) -> None:
    """Somebody on a known device, somebody on a new one with script, somebody on a new one without, and so on."""
    under_way: set[asyncio.Task[None]] = set()
    for turn in range(10**6):
        if over.is_set():
            break
        number = KNOWN_DEVICES + turn % (OWNERS - KNOWN_DEVICES)
        if turn % 3 == 0:
            journeys, owner = found.known, known[turn // 3 % KNOWN_DEVICES]
        else:
            has_script = turn % 3 == 1
            journeys = found.scripted if has_script else found.scriptless
            owner = _owner(provider, number, f"100.{65 + turn // 250}.{turn % 250}", has_script=has_script)
        task = asyncio.create_task(owner.sign_in(journeys, workers))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
        await asyncio.sleep(PACE)
    await asyncio.gather(*under_way)


def _owner(provider: ProviderProcess, number: int, network: str, *, has_script: bool = True) -> Owner:
    return Owner(Line(provider.port), provider.url, f"{network}.9", personal_number(number), has_script=has_script)
