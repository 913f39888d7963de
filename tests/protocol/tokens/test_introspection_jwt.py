from dataclasses import replace
from typing import Any

import msgspec
import pytest

from idp.protocol.errors import InvalidClientError, NoSigningKeyError
from idp.protocol.tokens.introspection import IntrospectionRequest, IntrospectionResponse
from idp.protocol.tokens.introspection_jwt import MEDIA_TYPE, TOKEN_TYPE
from tests.protocol.world import ISSUER, ORIGIN, PORTAL, World, basic


async def introspect(world: World, token: str, accept: str = MEDIA_TYPE) -> IntrospectionResponse:
    return await world.introspection_endpoint(IntrospectionRequest({"token": token}, basic(), ORIGIN, accept=accept))


async def register(world: World, **metadata: Any) -> None:
    await world.save(replace(PORTAL, metadata=metadata))


async def test_who_asks_for_it_gets_a_jwt_for_itself(world: World) -> None:
    token = (await world.sign_in()).access_token
    response = await introspect(world, token)
    claims = world.claims(response.jwt, TOKEN_TYPE)
    # RFC 9701 section 5: these four, and neither sub nor exp beside them.
    assert claims.keys() == {"iss", "aud", "iat", "token_introspection"}
    assert (claims["iss"], claims["aud"], claims["iat"]) == (ISSUER, "portal", world.clock.now())
    assert claims["token_introspection"] == msgspec.to_builtins(response.members) | {"aud": [ISSUER]}
    assert claims["token_introspection"]["active"] is True


@pytest.mark.parametrize("accept", ["", "application/json", "*/*", "application/jwt"])
async def test_who_does_not_ask_gets_plain_json(world: World, accept: str) -> None:
    assert (await introspect(world, "nothing", accept)).jwt is None


@pytest.mark.parametrize("accept", [f"{MEDIA_TYPE};q=0.9, application/json", f"application/json, {MEDIA_TYPE.upper()}"])
async def test_the_media_type_is_found_among_others(world: World, accept: str) -> None:
    assert (await introspect(world, "nothing", accept)).jwt is not None


async def test_who_registered_an_algorithm_always_gets_a_jwt_by_it(world: World) -> None:
    await register(world, introspection_signed_response_alg="ES256")
    response = await introspect(world, "nothing", "")
    assert response.jwt is not None
    assert world.claims(response.jwt, TOKEN_TYPE)["token_introspection"] == {"active": False}


async def test_an_algorithm_without_a_key_is_an_outage_and_never_another_algorithm(world: World) -> None:
    await register(world, introspection_signed_response_alg="PS256")
    with pytest.raises(NoSigningKeyError):
        await introspect(world, "nothing")
    (refused,) = await world.audited("access.refused")
    assert (refused["client_id"], refused["error"]) == ("portal", "temporarily_unavailable")
    assert await world.audited("token.introspected") == []


async def test_a_jwt_is_for_callers_that_proved_who_they_are(world: World) -> None:
    request = IntrospectionRequest({"token": "x"}, basic(secret="wrong"), ORIGIN, accept=MEDIA_TYPE)
    with pytest.raises(InvalidClientError):
        await world.introspection_endpoint(request)


async def test_a_response_is_no_token_of_any_other_kind(world: World) -> None:
    token = (await world.sign_in()).access_token
    response = await introspect(world, token)
    assert response.jwt is not None
    assert await world.introspect(response.jwt) == {"active": False}
