from idp.domain.events import AccessRefused, Origin
from idp.domain.ids import RequestId
from idp.journeys.floods import SPELLED_OUT
from idp.protocol.clients.client_authentication import AuthenticatedClient
from idp.protocol.errors import InvalidGrantError, InvalidTokenError
from tests.protocol.world import ORIGIN, PHONE_APP, PORTAL, World


async def refuse(world: World, times: int, source: str = "s", error: str = "invalid_client") -> None:
    for number in range(times):
        origin = Origin(request_id=RequestId(f"r{number}"), source=source)
        await world.refusals.record("token", AccessRefused(origin=origin, endpoint="token", error=error), None)


async def test_the_first_refusals_of_a_second_are_written_one_by_one(world: World) -> None:
    await refuse(world, SPELLED_OUT)
    assert len(await world.audited("access.refused")) == SPELLED_OUT
    await world.floods.finish()
    assert await world.audited("refusals.counted") == []


async def test_the_rest_of_the_second_is_one_event_for_each_source_and_error(world: World) -> None:
    await refuse(world, SPELLED_OUT + 40)
    await refuse(world, SPELLED_OUT + 1, source="t")
    await refuse(world, SPELLED_OUT + 2, error="invalid_request")
    await world.floods.flush()
    assert await world.audited("refusals.counted") == []
    world.clock.seconds += 1
    await world.floods.flush()
    counted = await world.audited("refusals.counted")
    assert [(each["source"], each["error"], each["count"]) for each in counted] == [
        ("s", "invalid_client", 40),
        ("t", "invalid_client", 1),
        ("s", "invalid_request", 2),
    ]
    await world.floods.finish()
    assert len(await world.audited("refusals.counted")) == 3


async def test_the_next_second_writes_what_the_last_one_counted(world: World) -> None:
    await refuse(world, SPELLED_OUT + 5)
    world.clock.seconds += 1
    await refuse(world, 1)
    assert [each["count"] for each in await world.audited("refusals.counted")] == [5]
    assert len(await world.audited("access.refused")) == SPELLED_OUT + 1


async def test_refusals_of_a_client_that_proved_itself_are_all_written(world: World) -> None:
    caller = AuthenticatedClient(PORTAL)
    for _ in range(SPELLED_OUT + 2):
        await world.refusals.access_refused("revocation", InvalidGrantError(), ORIGIN, caller)
    refused = await world.audited("access.refused")
    assert len(refused) == SPELLED_OUT + 2
    assert {each["client_id"] for each in refused} == {"portal"}


async def test_public_clients_prove_nothing_and_are_counted(world: World) -> None:
    caller = AuthenticatedClient(PHONE_APP)
    for _ in range(SPELLED_OUT + 2):
        await world.refusals.access_refused("revocation", InvalidTokenError(), ORIGIN, caller)
    assert len(await world.audited("access.refused")) == SPELLED_OUT
