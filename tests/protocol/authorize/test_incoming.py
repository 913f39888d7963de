from dataclasses import replace
from typing import Any

import pytest

from idp.assembly.authorization import incoming_requests, stored_requests
from idp.domain.clients.client_policy import ClientProfile
from idp.protocol.authorize.parameters import RequestParameters
from idp.protocol.authorize.request import AuthorizationRefusedError
from idp.protocol.errors import (
    InvalidClientError,
    InvalidRequestError,
    InvalidRequestObjectError,
    InvalidRequestUriError,
    RequestUriNotSupportedError,
)
from tests.protocol.client_signer import ClientSigner
from tests.protocol.world import ISSUER, PORTAL, REDIRECT, World

SIGNER = ClientSigner()
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
async def test_who_must_push_cannot_do_without(world: World, policy: dict[str, Any]) -> None:
    await world.save(replace(PORTAL, **policy))
    refused = await refusal(world, ASKED)
    assert isinstance(refused.error, InvalidRequestError)
    assert refused.target is not None
    assert (refused.target.redirect_uri, refused.target.state) == (REDIRECT, "xyz")
    await arrive(world, {"client_id": "portal", "request_uri": await push(world)})


async def test_who_must_push_and_names_a_stranger_s_address_is_refused_on_a_page(world: World) -> None:
    await world.save(replace(PORTAL, profile=ClientProfile.FAPI2))
    assert (await refusal(world, {**ASKED, "redirect_uri": "https://evil.example"})).target is None


def signed(**claims: object) -> str:
    return SIGNER.sign({"iss": "portal", "aud": ISSUER, "client_id": "portal", **claims})


async def register(world: World, **changes: Any) -> None:
    metadata = {"jwks": {"keys": [SIGNER.jwk]}, **changes.pop("metadata", {})}
    await world.save(replace(PORTAL, metadata=metadata, **changes))


async def test_parameters_of_a_request_object_supersede_those_beside_it(world: World) -> None:
    await register(world)
    token = signed(state="signed", nonce="n-0S6")
    parameters = await arrive(world, {**ASKED, "request": token}, "https://api.example.vn")
    assert parameters == RequestParameters({**ASKED, "state": "signed", "nonce": "n-0S6"}, ("https://api.example.vn",))
    inside = signed(resource="https://signed.example.vn")
    assert (await arrive(world, {**ASKED, "request": inside}, "https://api.example.vn")).resources == (
        "https://signed.example.vn",
    )


@pytest.mark.parametrize("changes", [
    {"metadata": {"require_signed_request_object": True}},
    {"metadata": {"require_signed_request_object": True, "require_pushed_authorization_requests": False}},
])  # fmt: skip
async def test_where_objects_are_required_nothing_beside_them_counts(world: World, changes: dict[str, Any]) -> None:
    await register(world, **changes)
    inside = {name: value for name, value in ASKED.items() if name != "state"}
    parameters = await arrive(world, {**ASKED, "request": signed(**inside)}, "https://api.example.vn")
    assert parameters == RequestParameters(inside)


async def test_without_the_scope_openid_beside_it_nothing_beside_an_object_counts(world: World) -> None:
    await register(world)
    outer = {**ASKED, "scope": "profile", "request": signed(scope="profile")}
    assert (await arrive(world, outer)).values == {"client_id": "portal", "scope": "profile"}


async def test_a_response_type_that_differs_from_the_signed_one_is_refused(world: World) -> None:
    await register(world)
    refused = await refusal(world, {**ASKED, "request": signed(response_type="code id_token")})
    assert isinstance(refused.error, InvalidRequestError)


async def test_a_refused_object_is_answered_where_the_request_itself_says(world: World) -> None:
    await register(world)
    refused = await refusal(world, {**ASKED, "request": "garbage"})
    assert isinstance(refused.error, InvalidRequestObjectError)
    assert refused.target is not None
    assert refused.target.state == "xyz"
    elsewhere = {**ASKED, "redirect_uri": "https://evil.example", "request": "garbage"}
    assert (await refusal(world, elsewhere)).target is None


async def test_an_object_and_a_reference_exclude_each_other(world: World) -> None:
    await register(world)
    refused = await refusal(world, {**ASKED, "request": signed(), "request_uri": "https://portal.example/r"})
    assert isinstance(refused.error, InvalidRequestError)


async def test_who_must_sign_cannot_do_without(world: World) -> None:
    await register(world, metadata={"require_signed_request_object": True})
    assert isinstance((await refusal(world, ASKED)).error, InvalidRequestError)
    incoming = incoming_requests(world.parts)
    client = await world.stores.clients.get("portal")
    assert client is not None
    with pytest.raises(InvalidRequestError):
        await incoming.at_pushed_endpoint(client, ASKED, ())
    assert (await incoming.at_pushed_endpoint(client, {"request": signed(**ASKED)}, ())).values == ASKED


async def test_beside_a_pushed_object_nothing_counts(world: World) -> None:
    await register(world)
    client = await world.stores.clients.get("portal")
    assert client is not None
    pushed = {**ASKED, "state": "beside", "request": signed(state="within")}
    parameters = await incoming_requests(world.parts).at_pushed_endpoint(client, pushed, ("https://api.example.vn",))
    assert parameters == RequestParameters({"client_id": "portal", "state": "within"})


@pytest.mark.parametrize("request_uri", ["urn:x", "https://portal.example/request.jwt"])
async def test_a_client_without_registered_addresses_has_none(world: World, request_uri: str) -> None:
    refused = await refusal(world, {**ASKED, "request_uri": request_uri})
    assert isinstance(refused.error, RequestUriNotSupportedError)


async def test_an_unregistered_address_is_refused(world: World) -> None:
    await register(world, metadata={"request_uris": ["https://portal.example/request.jwt"]})
    refused = await refusal(world, {**ASKED, "request_uri": "https://portal.example/other.jwt"})
    assert isinstance(refused.error, InvalidRequestUriError)
