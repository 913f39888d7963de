import re
from collections.abc import Awaitable, Callable

import pytest

from idp.domain.events import AccessRefused, Event, Origin
from idp.domain.ids import RequestId
from idp.journeys.floods import SPELLED_OUT, Floods
from idp.ports.audit import AuditTrail
from idp.ports.errors import StoreUnavailableError
from tests.journeys.stage import Stage


def refused(source: str = "a", error: str = "invalid_request") -> AccessRefused:
    return AccessRefused(origin=Origin(RequestId("request"), source), endpoint="place", error=error)


async def flood(floods: Floods, count: int, source: str = "a") -> None:
    for _ in range(count):
        await floods.record("place", "invalid_request", refused(source))


async def test_the_first_refusals_of_a_second_are_written_and_the_rest_counted(stage: Stage) -> None:
    floods = Floods(stage.stores.audit_trail, stage.clock)
    await flood(floods, 100)
    assert len(await stage.events("access.refused")) == SPELLED_OUT
    assert await stage.events("refusals.counted") == []

    await floods.flush()
    assert await stage.events("refusals.counted") == []
    stage.clock.advance(1)
    await floods.flush()

    (counted,) = await stage.events("refusals.counted")
    assert f'"count":{100 - SPELLED_OUT}' in counted.replace(" ", "")


async def test_the_next_second_writes_what_the_last_one_counted(stage: Stage) -> None:
    floods = Floods(stage.stores.audit_trail, stage.clock)
    await flood(floods, 10)
    stage.clock.advance(1)

    await flood(floods, 1)

    assert len(await stage.events("refusals.counted")) == 1
    assert len(await stage.events("access.refused")) == SPELLED_OUT + 1


async def test_each_source_is_counted_apart(stage: Stage) -> None:
    floods = Floods(stage.stores.audit_trail, stage.clock)
    await flood(floods, 10, "a")
    await flood(floods, 10, "b")

    await floods.finish()

    assert len(await stage.events("refusals.counted")) == 2


async def test_a_few_refusals_are_no_flood(stage: Stage) -> None:
    floods = Floods(stage.stores.audit_trail, stage.clock)
    await flood(floods, SPELLED_OUT)

    await floods.finish()

    assert await stage.events("refusals.counted") == []


class Failing:
    """A trail that takes nothing while it is `down`."""

    def __init__(self, trail: AuditTrail) -> None:
        self._trail = trail
        self.down = False

    async def record(self, *events: Event) -> None:
        if self.down:
            raise StoreUnavailableError
        await self._trail.record(*events)


@pytest.mark.parametrize(
    "write",
    [lambda floods: flood(floods, 1), lambda floods: floods.flush(), lambda floods: floods.finish()],
    ids=["record", "flush", "finish"],
)
async def test_what_could_not_be_written_is_counted_with_what_comes_later(
    stage: Stage, write: Callable[[Floods], Awaitable[None]]
) -> None:
    trail = Failing(stage.stores.audit_trail)
    floods = Floods(trail, stage.clock)
    await flood(floods, 10)
    for _ in range(2):
        stage.clock.advance(1)
        trail.down = True
        with pytest.raises(StoreUnavailableError):
            await write(floods)
        trail.down = False
    stage.clock.advance(1)
    await flood(floods, 20)

    await floods.finish()

    counted = "".join(await stage.events("refusals.counted"))
    assert sum(map(int, re.findall(r'"count":(\d+)', counted))) == 10 - SPELLED_OUT + 20 - SPELLED_OUT
