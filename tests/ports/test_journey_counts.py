"""The contract of `JourneyCounts`."""

from asyncio import gather

from idp.adapters.sql.stores import Stores
from idp.domain.ids import Seconds
from idp.domain.sign_ins.journey_count import HOUR, FormFactor, JourneyKey, JourneyStage, Way, hour_of
from tests.ports.samples import NOW

HOURS = [Seconds(hour_of(Seconds(NOW)) + number * HOUR) for number in range(3)]


def key(hour: Seconds = HOURS[0], stage: JourneyStage = JourneyStage.BEGUN, way: Way = Way.USUAL) -> JourneyKey:
    return JourneyKey(hour, stage, FormFactor.PHONE, "vi", way)


async def test_what_many_processes_count_adds_up(stores: Stores) -> None:
    counts = {key(): 2, key(stage=JourneyStage.COMPLETED): 1, key(HOURS[1]): 5}
    await gather(*(stores.journey_counts.add(counts, Seconds(0)) for _ in range(10)))
    found = dict(await stores.journey_counts.between(HOURS[0], HOURS[2]))
    assert found == {each: count * 10 for each, count in counts.items()}


async def test_only_the_hours_asked_for_are_told(stores: Stores) -> None:
    await stores.journey_counts.add({key(hour): 1 for hour in HOURS}, Seconds(0))
    assert [each.hour for each, _ in await stores.journey_counts.between(HOURS[1], HOURS[2])] == [HOURS[1]]


async def test_what_is_old_is_forgotten(stores: Stores) -> None:
    await stores.journey_counts.add({key(HOURS[0]): 1}, Seconds(0))
    await stores.journey_counts.add({key(HOURS[2], way=Way.RECOVERY_CODE): 1}, HOURS[1])
    found = await stores.journey_counts.between(HOURS[0], Seconds(HOURS[2] + 1))
    assert found == [(key(HOURS[2], way=Way.RECOVERY_CODE), 1)]
