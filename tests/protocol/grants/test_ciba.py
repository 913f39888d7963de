from asyncio import gather
from dataclasses import replace

import pytest

from idp.protocol.decoupled.errors import AuthorizationPendingError, ExpiredTokenError, PolledTooSoonError
from idp.protocol.decoupled.request import Kind
from idp.protocol.errors import InvalidGrantError, UnauthorizedClientError
from idp.protocol.grants.ciba import CIBA, GRANT_TYPE
from idp.protocol.tokens.token import TokenResponse
from tests.protocol.ciba.asking import Backchannel
from tests.protocol.world import OTHER, SECRET, World


@pytest.fixture
async def backchannel(world: World) -> Backchannel:
    backchannel = Backchannel(world)
    await backchannel.register()
    return backchannel


def test_the_grant_is_named_as_section_10_1_has_it() -> None:
    assert GRANT_TYPE == "urn:openid:params:grant-type:ciba"
    assert (CIBA.parameter, CIBA.kind) == ("auth_req_id", Kind.BACKCHANNEL)


async def test_a_poll_too_soon_is_told_to_slow_down(backchannel: Backchannel, world: World) -> None:
    asked = await backchannel.ask()
    with pytest.raises(AuthorizationPendingError):
        await backchannel.poll(asked.auth_req_id)
    with pytest.raises(PolledTooSoonError):
        await backchannel.poll(asked.auth_req_id)


async def test_an_identifier_that_expired_is_told_so(backchannel: Backchannel, world: World) -> None:
    asked = await backchannel.ask(requested_expiry="30")
    world.clock.seconds += 30
    with pytest.raises(ExpiredTokenError):
        await backchannel.poll(asked.auth_req_id)


async def test_of_fifty_redemptions_at_once_one_has_tokens(backchannel: Backchannel, world: World) -> None:
    asked = await backchannel.ask()
    await backchannel.allow()
    outcomes = await gather(*(backchannel.poll(asked.auth_req_id) for _ in range(50)), return_exceptions=True)
    assert sum(isinstance(outcome, TokenResponse) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, InvalidGrantError) for outcome in outcomes) == 49
    assert len(await world.audited("tokens.issued")) == 1


async def test_another_clients_identifier_is_refused(backchannel: Backchannel) -> None:
    await backchannel.register(OTHER)
    asked = await backchannel.ask()
    await backchannel.allow()
    with pytest.raises(InvalidGrantError):
        await backchannel.poll(asked.auth_req_id, client_id="other", client_secret=SECRET)
    assert (await backchannel.poll(asked.auth_req_id)).access_token


async def test_a_device_code_is_no_identifier_of_a_backchannel_request(backchannel: Backchannel) -> None:
    with pytest.raises(InvalidGrantError):
        await backchannel.poll("something else")


async def test_a_client_that_is_pushed_to_may_not_ask(backchannel: Backchannel) -> None:
    asked = await backchannel.ask()
    await backchannel.allow()
    await backchannel.register(backchannel_token_delivery_mode="push")
    with pytest.raises(UnauthorizedClientError):
        await backchannel.poll(asked.auth_req_id)


async def test_a_public_client_has_no_such_grant(backchannel: Backchannel) -> None:
    with pytest.raises(UnauthorizedClientError):
        CIBA.check_client(replace(OTHER, token_endpoint_auth_method="none"))
