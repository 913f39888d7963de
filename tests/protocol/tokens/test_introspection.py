from dataclasses import replace

import pytest

from idp.domain.clients.onboarding import Onboarding
from idp.domain.clients.registration import Registration
from idp.domain.ids import ClientId, TokenHash
from idp.protocol.errors import InvalidClientError, InvalidRequestError
from idp.protocol.resources.resources import Target
from idp.protocol.tokens.introspection import IntrospectionRequest
from tests.protocol.world import API, ISSUER, ORIGIN, OTHER, World, basic

INACTIVE = {"active": False}


async def test_a_client_sees_its_own_access_token(world: World) -> None:
    response = await world.sign_in(grant=world.grant(scopes=("openid", "email")))
    claims = world.claims(response.access_token)
    assert await world.introspect(response.access_token) == {
        "active": True,
        "iss": ISSUER,
        "sub": claims["sub"],
        "aud": (ISSUER,),
        "client_id": "portal",
        "token_type": "Bearer",
        "iat": claims["iat"],
        "exp": claims["exp"],
        "jti": claims["jti"],
        "scope": "openid email",
        "acr": "urn:vn:loa:2",
        "auth_time": claims["auth_time"],
    }


async def test_a_client_sees_its_own_refresh_token(world: World) -> None:
    response = await world.sign_in()
    assert response.refresh_token is not None
    answer = await world.introspect(response.refresh_token)
    assert answer["active"] is True
    assert answer["exp"] == world.clock.now() + 8 * 3600
    assert answer["sub"] == world.claims(response.id_token)["sub"]


async def test_a_resource_server_sees_tokens_for_its_origin(world: World) -> None:
    await world.save(replace(OTHER, token_endpoint_auth_method="client_secret_basic"))
    response = await world.sign_in(API, grant=world.grant(scopes=("openid", "dossier.read")))
    answer = await world.introspect(response.access_token, "other")
    assert (answer["active"], answer["scope"], answer["client_id"]) == (True, "dossier.read", "portal")


async def test_whoever_registered_itself_sees_nothing_by_the_addresses_that_it_claims(world: World) -> None:
    registration = Registration(TokenHash(b"h" * 32), world.clock.now())
    claiming = replace(OTHER, token_endpoint_auth_method="client_secret_basic", registration=registration)
    await world.save(replace(claiming, redirect_uris=(f"{API}/whatever",)))
    response = await world.sign_in(API, grant=world.grant(scopes=("openid", "dossier.read")))
    assert await world.introspect(response.access_token, "other") == INACTIVE
    own = await world.sign_in(grant=world.grant(scopes=("openid",)))
    assert (await world.introspect(own.access_token))["active"] is True


async def test_a_service_on_its_way_into_production_sees_nothing_by_its_addresses(world: World) -> None:
    claiming = replace(OTHER, token_endpoint_auth_method="client_secret_basic", onboarding=Onboarding())
    await world.save(replace(claiming, redirect_uris=(f"{API}/whatever",)))
    response = await world.sign_in(API, grant=world.grant(scopes=("openid", "dossier.read")))
    assert await world.introspect(response.access_token, "other") == INACTIVE


async def test_a_resource_server_sees_tokens_whose_audience_it_is_by_identifier(world: World) -> None:
    token = world.access_tokens.for_client(ClientId("portal"), Target(("machine",), ())).token
    answer = await world.introspect(token, "machine")
    assert answer["active"] is True
    assert "acr" not in answer


async def test_anybody_else_s_token_is_inactive(world: World) -> None:
    response = await world.sign_in()
    assert response.refresh_token is not None
    for token in (response.access_token, response.refresh_token):
        assert await world.introspect(token, "machine") == INACTIVE


@pytest.mark.parametrize("token", ["x", "a.b.c", "A" * 86, "é", "x" * 10_000])
async def test_garbage_is_inactive(world: World, token: str) -> None:
    assert await world.introspect(token) == INACTIVE


async def test_dead_tokens_are_inactive(world: World) -> None:
    response = await world.sign_in()
    assert response.refresh_token is not None
    await world.end_session()
    assert await world.introspect(response.access_token) == INACTIVE
    assert await world.introspect(response.refresh_token) == INACTIVE


async def test_an_expired_token_is_inactive(world: World) -> None:
    response = await world.sign_in()
    world.clock.seconds += 300
    assert await world.introspect(response.access_token) == INACTIVE


async def test_an_id_token_is_inactive(world: World) -> None:
    response = await world.sign_in()
    assert response.id_token is not None
    assert await world.introspect(response.id_token) == INACTIVE


async def test_a_wrong_hint_does_not_matter(world: World) -> None:
    response = await world.sign_in()
    answer = await world.introspect(response.access_token, token_type_hint="refresh_token")
    assert answer["active"] is True


async def test_the_endpoint_must_require_authorization(world: World) -> None:
    response = await world.sign_in()
    for parameters, authorization in (
        ({}, None),
        ({}, basic(secret="wrong")),
        ({"client_id": "phone-app"}, None),
        ({}, f"Bearer {response.access_token}"),
    ):
        request = IntrospectionRequest({"token": response.access_token} | parameters, authorization, ORIGIN)
        with pytest.raises(InvalidClientError):
            await world.introspection_endpoint(request)


async def test_the_token_is_required(world: World) -> None:
    with pytest.raises(InvalidRequestError):
        await world.introspection_endpoint(IntrospectionRequest({}, basic(), ORIGIN))
    (event,) = await world.audited("access.refused")
    assert (event["client_id"], event["endpoint"]) == ("portal", "introspection")


async def test_every_answer_is_audited(world: World) -> None:
    response = await world.sign_in()
    await world.introspect(response.access_token)
    await world.introspect("x")
    events = await world.audited("token.introspected")
    assert [(event["active"], "token_id" in event) for event in events] == [(True, True), (False, False)]
    assert {event["client_id"] for event in events} == {"portal"}
