import pytest

from idp.domain.ids import ClientId
from idp.ports.keys import BusyError
from idp.protocol.clients.client_authentication import AuthenticatedClient
from idp.protocol.clients.client_calls import ClientRequest
from idp.protocol.errors import InvalidClientError, InvalidScopeError
from tests.protocol.world import CLIENT_LIMIT, ORIGIN, World, basic

ASKED = ClientRequest({}, basic(), ORIGIN)


async def whose(caller: AuthenticatedClient) -> ClientId:
    return caller.client_id


async def refused(_caller: AuthenticatedClient) -> ClientId:
    raise InvalidScopeError


async def test_a_client_that_proves_itself_is_answered_and_nothing_is_recorded(world: World) -> None:
    assert await world.parts.calls.answer("par", ASKED, whose) == "portal"
    assert await world.audited("access.refused") == []


async def test_nobody_else_is_and_that_is_recorded(world: World) -> None:
    with pytest.raises(InvalidClientError):
        await world.parts.calls.answer("par", ClientRequest({}, basic(secret="wrong"), ORIGIN), whose)
    await world.floods.finish()
    (event,) = await world.audited("access.refused")
    assert (event["endpoint"], event["error"]) == ("par", "invalid_client")


async def test_what_is_refused_to_a_client_is_recorded_under_its_name(world: World) -> None:
    with pytest.raises(InvalidScopeError) as error:
        await world.parts.calls.answer("par", ASKED, refused)
    assert error.value.client_id == "portal"
    (event,) = await world.audited("access.refused")
    assert (event["endpoint"], event["error"], event["client_id"]) == ("par", "invalid_scope", "portal")


async def test_a_client_with_too_much_in_progress_waits(world: World) -> None:
    for _ in range(CLIENT_LIMIT):
        world.limit.enter("portal")
    with pytest.raises(BusyError):
        await world.parts.calls.answer("par", ASKED, whose)
