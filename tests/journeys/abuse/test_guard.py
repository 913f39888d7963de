from asyncio import gather
from dataclasses import replace

import pytest

from idp.domain.abuse import attack as attack_rules
from idp.domain.abuse.attack import OVERALL_ALARM, SOURCE_SHARE
from idp.domain.abuse.proof_of_work import solve
from idp.domain.events import Origin
from idp.domain.ids import RequestId
from idp.domain.levels.assurance import Level
from idp.journeys.abuse.challenges import Bound, ShownWork, WorkFirstError
from idp.journeys.abuse.guard import Admitted
from idp.journeys.throttling import SlowDownError
from idp.journeys.visitor import Visitor
from tests.journeys.stage import AN, USUAL_FAILURES, VISITOR, Stage

BOUND = Bound("attempt", b"browser")
NOTHING = ShownWork()


@pytest.fixture(autouse=True)
def easy_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Solved at once: what work costs is tested where its price is."""
    monkeypatch.setattr(attack_rules, "EASIEST_WORK", 4)


def visitor(source: str, network: str = "") -> Visitor:
    return Visitor(Origin(RequestId("request"), source), "vi", network=network)


OWNER = visitor("quiet", "quiet")


async def admit(stage: Stage, person: str, at: Visitor = VISITOR, work: ShownWork = NOTHING) -> Admitted:
    return await stage.guard.admit(BOUND, person, at, work, known_device=None)


async def attack(stage: Stage) -> None:
    """Failures everywhere, as many as raise the alarm for everybody."""
    for number in range(OVERALL_ALARM * USUAL_FAILURES * 8):
        meters = stage.meters.of(f"victim-{number}", visitor(f"bot-{number}", f"net-{number}"))
        await stage.meters.failed(meters, stage.clock.now())


async def work_of(stage: Stage, at: Visitor) -> ShownWork:
    challenge = await stage.guard.offer(BOUND, at)
    assert challenge
    return ShownWork(challenge.puzzle, solve(challenge.puzzle, challenge.bits))


async def test_in_calm_times_nothing_is_asked(stage: Stage) -> None:
    assert await stage.guard.offer(BOUND, OWNER) is None

    await stage.guard.succeeded(await admit(stage, AN))
    assert await stage.events("challenge.met") == []


async def test_under_attack_a_stranger_is_admitted_by_work_and_not_without(stage: Stage) -> None:
    await attack(stage)

    with pytest.raises(WorkFirstError) as first:
        await admit(stage, AN, OWNER)
    challenge = first.value.challenge
    solved = ShownWork(challenge.puzzle, solve(challenge.puzzle, challenge.bits))
    await admit(stage, AN, OWNER, solved)
    with pytest.raises(WorkFirstError):
        await admit(stage, AN, OWNER, solved)
    (met,) = await stage.events("challenge.met")
    assert "solved" in met


async def test_a_page_offers_the_work_before_anybody_is_named(stage: Stage) -> None:
    await attack(stage)

    await admit(stage, AN, OWNER, await work_of(stage, OWNER))
    assert len(await stage.events("challenge.met")) == 1


async def test_a_device_that_signed_in_before_is_asked_for_nothing_and_touches_no_meter(stage: Stage) -> None:
    await attack(stage)
    cookie = stage.devices.remember(await stage.account_id(), Level.ONE)
    device = stage.devices.recognise(cookie, await stage.account_id())

    for _ in range(5):
        admitted = await stage.guard.admit(BOUND, AN, OWNER, NOTHING, known_device=device)
        await stage.guard.failed(admitted)
    assert (await stage.meters.read(stage.meters.of(AN, OWNER), stage.clock.now())).account == 0
    assert await stage.events("challenge.refused") == []


async def test_a_cookie_of_another_account_saves_nobody_the_work(stage: Stage) -> None:
    await attack(stage)
    cookie = stage.devices.remember(await stage.account_id("binh@example.vn"), Level.ONE)
    shown = replace(OWNER, device=cookie)

    assert await stage.guard.offer(BOUND, shown) is None
    assert stage.devices.recognise(cookie, await stage.account_id()) is None
    with pytest.raises(WorkFirstError):
        await admit(stage, AN, shown)


async def test_an_owner_in_a_quiet_network_is_admitted_while_strangers_guess_at_the_account(stage: Stage) -> None:
    for number in range(200):
        meters = stage.meters.of(AN, visitor(f"bot-{number}", f"net-{number}"))
        await stage.meters.failed(meters, stage.clock.now())

    assert await stage.guard.offer(BOUND, OWNER) is None, "nobody is named yet, and nothing else is wrong"
    with pytest.raises(WorkFirstError) as first:
        await admit(stage, AN, OWNER)
    challenge = first.value.challenge
    assert challenge.bits < (await bits_under_attack(stage))
    await admit(stage, AN, OWNER, ShownWork(challenge.puzzle, solve(challenge.puzzle, challenge.bits)))
    assert len(await stage.events("challenge.met")) == 1


async def bits_under_attack(stage: Stage) -> int:
    await attack(stage)
    challenge = await stage.guard.offer(BOUND, OWNER)
    assert challenge
    return challenge.bits


async def test_an_address_that_had_its_share_waits_whatever_work_it_does(stage: Stage) -> None:
    await attack(stage)
    bot = visitor("bot", "botnet")
    for number in range(SOURCE_SHARE):
        await stage.meters.failed(stage.meters.of(f"tried-{number}", bot), stage.clock.now())
    work = await work_of(stage, bot)

    with pytest.raises(SlowDownError) as slow:
        await admit(stage, AN, bot, work)
    assert not isinstance(slow.value, WorkFirstError)
    stage.clock.advance(1)
    assert "share" in (await stage.events("challenge.refused"))[-1]


async def test_an_attack_is_told_once_however_many_see_it(stage: Stage) -> None:
    await attack(stage)
    for number in range(3):
        at = visitor(f"bot-{number}", f"other-{number}")
        await stage.guard.failed(await admit(stage, f"somebody-{number}", at, await work_of(stage, at)))

    (noticed,) = await stage.events("attack.noticed")
    assert "overall" in noticed
    assert "attacked" in noticed


async def test_a_flood_without_work_is_counted_and_not_written_one_by_one(stage: Stage) -> None:
    await attack(stage)

    refused = await gather(
        *(admit(stage, f"somebody-{number}", visitor("bot", "botnet")) for number in range(40)), return_exceptions=True
    )
    await stage.floods.finish()

    assert all(isinstance(each, WorkFirstError) for each in refused)
    assert len(await stage.events("challenge.refused")) == 3
    (counted,) = await stage.events("refusals.counted")
    assert "37" in counted


async def test_of_fifty_tries_with_one_puzzle_at_once_one_is_looked_at(stage: Stage) -> None:
    await attack(stage)
    work = await work_of(stage, OWNER)

    tries = await gather(*(admit(stage, AN, OWNER, work) for _ in range(50)), return_exceptions=True)

    assert sum(isinstance(each, Admitted) for each in tries) == 1


async def test_a_try_that_found_no_room_does_not_count(stage: Stage) -> None:
    for _ in range(30):
        await stage.guard.unanswered(await admit(stage, AN, OWNER))

    assert (await stage.meters.read(stage.meters.of(AN, OWNER), stage.clock.now())).account == 0


async def test_the_alarm_ends_soon_after_the_attack(stage: Stage) -> None:
    await attack(stage)
    assert await stage.guard.offer(BOUND, OWNER)

    stage.clock.advance(5 * 60)
    assert await stage.guard.offer(BOUND, OWNER) is None
