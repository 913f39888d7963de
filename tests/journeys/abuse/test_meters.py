from asyncio import gather

from idp.domain.abuse.attack import OVERALL_ALARM, SOURCE_ALARM, AttackLevel, Readings
from idp.domain.events import Origin
from idp.domain.ids import RequestId
from idp.journeys.abuse.meters import Meters
from idp.journeys.visitor import Visitor
from tests.journeys.stage import USUAL_FAILURES, VISITOR, Stage


def visitor(source: str, network: str) -> Visitor:
    return Visitor(Origin(RequestId("request"), source), "vi", network=network)


async def fail(stage: Stage, person: str, at: Visitor = VISITOR, times: int = 1) -> Readings:
    meters = stage.meters.of(person, at)
    for _ in range(times):
        await stage.meters.failed(meters, stage.clock.now())
    return await stage.meters.read(meters, stage.clock.now())


async def test_one_person_tried_again_and_again_counts_once_beyond_the_account(stage: Stage) -> None:
    assert await fail(stage, "one", times=30) == Readings(account=30, source=1, network=1, overall=1)


async def test_many_people_tried_from_one_address_are_seen_there(stage: Stage) -> None:
    *_, readings = [await fail(stage, f"person-{number}") for number in range(SOURCE_ALARM)]

    assert readings.source == readings.network == SOURCE_ALARM
    assert readings.level is AttackLevel.SUSPECTED


async def test_addresses_of_one_network_are_seen_together(stage: Stage) -> None:
    *_, readings = [
        await fail(stage, f"person-{number}", visitor(f"source-{number}", "network")) for number in range(70)
    ]

    assert (readings.source, readings.network) == (1, 70)
    assert readings.grounds == ("network",)


async def test_many_addresses_with_the_same_pattern_are_seen_in_every_share_of_the_whole(stage: Stage) -> None:
    shares = USUAL_FAILURES * 4
    for number in range(OVERALL_ALARM * shares * 2):
        await fail(stage, f"person-{number}", visitor(f"source-{number}", f"network-{number}"))

    levels = {
        (await stage.meters.read(stage.meters.of(f"x-{number}", visitor("quiet", "quiet")), stage.clock.now())).level
        for number in range(100)
    }
    assert levels == {AttackLevel.ATTACKED}
    assert (await stage.meters.highest_share(stage.clock.now())).level is AttackLevel.ATTACKED


async def test_one_account_tried_from_everywhere_is_no_attack_on_everybody(stage: Stage) -> None:
    *_, readings = [await fail(stage, "one", visitor(f"source-{number}", f"network-{number}")) for number in range(90)]

    assert readings == Readings(account=90, source=1, network=1, overall=1)


async def test_failures_are_forgiven_with_time(stage: Stage) -> None:
    for number in range(SOURCE_ALARM):
        await fail(stage, f"person-{number}")
    meters = stage.meters.of("nobody", VISITOR)

    stage.clock.advance(5 * 60)
    assert (await stage.meters.read(meters, stage.clock.now())).source == SOURCE_ALARM - 1
    stage.clock.advance(SOURCE_ALARM * 5 * 60)
    assert await stage.meters.read(meters, stage.clock.now()) == Readings()


async def test_a_sign_in_forgives_a_failure_once_an_hour_for_each_person(stage: Stage) -> None:
    for number in range(10):
        await fail(stage, f"person-{number}")
    own = stage.meters.of("the guesser himself", VISITOR)
    for _ in range(5):
        await stage.meters.succeeded(own, await stage.meters.read(own, stage.clock.now()), stage.clock.now())

    assert (await stage.meters.read(own, stage.clock.now())).source == 9


async def test_a_sign_in_asks_nothing_of_the_store_where_nobody_failed(stage: Stage) -> None:
    meters = stage.meters.of("owner", VISITOR)
    await stage.meters.succeeded(meters, Readings(account=7), stage.clock.now())

    assert await stage.stores.short_lived.used((meters.forgiven,), stage.clock.now()) == (0,)


async def test_an_address_that_explains_its_own_failures_raises_no_alarm_for_everybody(stage: Stage) -> None:
    for number in range(1200):
        await fail(stage, f"person-{number}")

    assert (await stage.meters.highest_share(stage.clock.now())).overall <= 64 // USUAL_FAILURES
    assert (await stage.meters.highest_share(stage.clock.now())).level is AttackLevel.CALM


async def test_fifty_failures_at_once_count_as_fifty(stage: Stage) -> None:
    await gather(*(fail(stage, f"person-{number}") for number in range(50)))

    assert (await stage.meters.read(stage.meters.of("x", VISITOR), stage.clock.now())).source == 50


async def test_no_key_of_a_meter_names_a_person(stage: Stage) -> None:
    meters = stage.meters.of("001099000001", VISITOR)

    assert not any("001099000001" in each.key for each in (*meters.read, meters.in_all, meters.in_network))
    assert {meters.subject(ground) for ground in ("account", "source", "network", "overall")} >= {"overall"}


async def test_news_is_told_once_in_ten_minutes(stage: Stage) -> None:
    told = [await stage.meters.is_news("overall", stage.clock.now()) for _ in range(3)]
    stage.clock.advance(600)

    assert told == [True, False, False]
    assert await stage.meters.is_news("overall", stage.clock.now())


def test_a_larger_installation_has_more_shares(stage: Stage) -> None:
    small, large = (Meters(stage.stores.short_lived, stage.keys, usual) for usual in (1, 100))
    people = [f"person-{number}" for number in range(500)]

    assert len({small.of(one, VISITOR).overall.key for one in people}) == 4
    assert len({large.of(one, VISITOR).overall.key for one in people}) > 200
