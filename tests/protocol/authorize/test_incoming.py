from dataclasses import replace

import pytest

from idp.assembly.authorization import incoming_requests, stored_requests
from idp.domain.client_policy import ClientProfile
from idp.protocol.authorize.parameters import RequestParameters
from idp.protocol.authorize.request import AuthorizationRefusedError
from idp.protocol.errors import InvalidClientError, InvalidRequestError, InvalidRequestUriError
from tests.protocol.world import PORTAL, REDIRECT, World

ASKED = {"client_id": "portal", "redirect_uri": REDIRECT, "response_type": "code", "scope": "openid", "state": "xyz"}


async def arrive(world: World, values: dict[str, str], *resources: str) -> RequestParameters:
    return await incoming_requests(world.parts).at_authorization_endpoint(values, resources)


async def refusal(world: World, values: dict[str, str]) -> AuthorizationRefusedError:
    with pytest.raises(AuthorizationRefusedError) as refused:
        await arrive(world, values)
    return refused.value


async def push(world: World, **values: str) -> str:
    return await stored_requests(world.parts).push(PORTAL.client_id, RequestParameters({**ASKED, **values}))


async def test_what_simply_came_counts_without_what_is_unknown(world: World) -> None:
    parameters = await arrive(world, {**ASKED, "unknown": "x"}, "https://api.example.vn")
    assert parameters == RequestParameters(ASKED, ("https://api.example.vn",))


async def test_of_a_pushed_request_nothing_else_counts(world: World) -> None:
    request_uri = await push(world)
    beside = {"client_id": "portal", "request_uri": request_uri, "state": "other", "scope": "openid email"}
    parameters = await arrive(world, beside, "https://api.example.vn")
    assert parameters == RequestParameters(ASKED, (), request_uri)


async def test_an_unknown_client_is_refused_on_a_page(world: World) -> None:
    refused = await refusal(world, {**ASKED, "client_id": "nobody"})
    assert (type(refused.error), refused.target) == (InvalidClientError, None)


async def test_an_unknown_reference_is_refused_on_a_page_whatever_stands_beside_it(world: World) -> None:
    refused = await refusal(world, {**ASKED, "request_uri": "urn:ietf:params:oauth:request_uri:x"})
    assert (type(refused.error), refused.target) == (InvalidRequestUriError, None)


@pytest.mark.parametrize("policy", [
    {"profile": ClientProfile.FAPI2}, {"metadata": {"require_pushed_authorization_requests": True}},
])  # fmt: skip
async def test_who_must_push_cannot_do_without(world: World, policy: dict[str, object]) -> None:
    await world.save(replace(PORTAL, **policy))
    refused = await refusal(world, ASKED)
    assert isinstance(refused.error, InvalidRequestError)
    assert refused.target is not None
    assert (refused.target.redirect_uri, refused.target.state) == (REDIRECT, "xyz")
    await arrive(world, {"client_id": "portal", "request_uri": await push(world)})


async def test_who_must_push_and_names_a_stranger_s_address_is_refused_on_a_page(world: World) -> None:
    await world.save(replace(PORTAL, profile=ClientProfile.FAPI2))
    assert (await refusal(world, {**ASKED, "redirect_uri": "https://evil.example"})).target is None
