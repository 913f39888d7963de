from dataclasses import replace

import pytest

from idp.domain.clients.client import Client
from idp.protocol.errors import InvalidGrantError
from idp.protocol.resources.resources import Target
from idp.protocol.tokens.new_grant import Reasons
from idp.protocol.tokens.user_tokens import TokenOrder
from tests.protocol.world import ISSUER, ORIGIN, PORTAL, World

REASONS = Reasons("used before", "ended meanwhile")


def order(world: World, client: Client = PORTAL) -> TokenOrder:
    grant = world.grant(client, ("openid",))
    return TokenOrder(client, grant, grant.scopes, Target((ISSUER,), grant.scopes), "authorization_code")


async def test_a_refresh_token_goes_with_the_first_ones_where_the_client_registered_the_grant(world: World) -> None:
    with_refresh = await world.parts.new_grants.start(order(world), ORIGIN, REASONS)
    without = replace(PORTAL, grant_types=frozenset({"authorization_code"}))
    assert with_refresh.refresh_token is not None
    assert (await world.parts.new_grants.start(order(world, without), ORIGIN, REASONS)).refresh_token is None


async def test_what_is_started_twice_ends_with_everything_under_it(world: World) -> None:
    same = order(world)
    response = await world.parts.new_grants.start(same, ORIGIN, REASONS)
    with pytest.raises(InvalidGrantError) as error:
        await world.parts.new_grants.start(same, ORIGIN, REASONS)
    assert (error.value.reason, error.value.grant_id) == ("used before", same.grant.grant_id)
    assert await world.introspect(response.access_token) == {"active": False}
    (event,) = await world.audited("grant.revoked")
    assert event["reason"] == "code_replay"


async def test_what_ended_meanwhile_is_not_started(world: World) -> None:
    late = order(world)
    await world.end_session()
    with pytest.raises(InvalidGrantError) as error:
        await world.parts.new_grants.start(late, ORIGIN, REASONS)
    assert error.value.reason == "ended meanwhile"
