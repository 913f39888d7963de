import pytest

from idp.journeys.attempt import LIFETIME
from idp.journeys.device_visit import DeviceVisits
from tests.journeys.stage import Stage


@pytest.fixture
def visits(stage: Stage) -> DeviceVisits:
    return DeviceVisits(stage.stores.short_lived, stage.clock, stage.entropy)


async def test_the_browser_that_typed_the_code_goes_on_and_no_other(visits: DeviceVisits) -> None:
    name = await visits.begin("device:1", "browser-1")
    assert await visits.reference(name, "browser-1") == "device:1"
    assert await visits.reference(name, "browser-2") is None
    assert await visits.reference("another", "browser-1") is None


async def test_a_visit_ends_with_the_time_that_a_sign_in_may_take(visits: DeviceVisits, stage: Stage) -> None:
    name = await visits.begin("device:1", "browser-1")
    stage.clock.advance(LIFETIME - 1)
    assert await visits.reference(name, "browser-1")
    stage.clock.advance(1)
    assert await visits.reference(name, "browser-1") is None
