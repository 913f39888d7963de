from dataclasses import replace

import pytest

from idp.domain.clients.client import Client
from idp.domain.clients.onboarding import Onboarding, OnboardingStage
from idp.domain.ids import ClientId
from idp.protocol.errors import (
    InvalidAuthorizationDetailsError,
    InvalidScopeError,
    InvalidTargetError,
    OAuthError,
    UnauthorizedClientError,
)
from idp.protocol.tokens.token import TokenResponse
from tests.protocol.world import API, ARCHIVE, ISSUER, MACHINE, PORTAL, World, basic


async def ask(world: World, *resources: str, **changes: str) -> TokenResponse:
    parameters = {"grant_type": "client_credentials"} | changes
    return await world.token(parameters, *resources, authorization=basic("machine"))


async def test_a_client_gets_a_token_of_its_own_and_nothing_else(world: World) -> None:
    response = await ask(world, scope="dossier.read")
    claims = world.claims(response.access_token)
    assert (claims["sub"], claims["client_id"], claims["aud"]) == ("machine", "machine", API)
    assert response.refresh_token is None
    assert response.id_token is None
    (event,) = await world.audited("tokens.issued")
    assert event["token_id"] == claims["jti"]
    assert "grant_id" not in event


async def test_a_named_resource_gets_the_registered_scopes_that_it_knows(world: World) -> None:
    response = await ask(world, ARCHIVE)
    assert world.claims(response.access_token)["aud"] == ARCHIVE
    assert response.scopes == ("archive.read",)


async def test_a_client_alone_is_granted_no_details(world: World) -> None:
    with pytest.raises(InvalidAuthorizationDetailsError):
        await ask(world, authorization_details='[{"type":"dossier_access","actions":["read"],"identifier":"1"}]')


async def test_scopes_that_belong_to_no_resource_are_for_the_provider(world: World) -> None:
    response = await ask(world, scope="report.send")
    assert world.claims(response.access_token)["aud"] == ISSUER


async def test_a_client_without_any_scope_gets_a_token_that_reaches_nowhere(world: World) -> None:
    bare = Client(ClientId("bare"), PORTAL.secret_hashes, grant_types=frozenset({"client_credentials"}))
    await world.save(bare)
    response = await world.token({"grant_type": "client_credentials"}, authorization=basic("bare"))
    assert response.scopes == ()
    assert "scope" not in world.claims(response.access_token)


@pytest.mark.parametrize("scope", ["openid", "profile dossier.read", "email", "admin", "dossier.read  archive.read"])
async def test_scopes_about_people_and_unregistered_ones_are_refused(world: World, scope: str) -> None:
    with pytest.raises(InvalidScopeError):
        await ask(world, scope=scope)


async def test_scopes_of_several_resources_need_a_resource(world: World) -> None:
    with pytest.raises(InvalidTargetError):
        await ask(world)


async def test_only_confidential_clients_may_use_it(world: World) -> None:
    public = Client(
        ClientId("public"), token_endpoint_auth_method="none", grant_types=frozenset({"client_credentials"})
    )
    await world.save(public)
    with pytest.raises(UnauthorizedClientError):
        await world.token({"grant_type": "client_credentials", "client_id": "public"})


async def test_a_client_does_nothing_in_its_own_name_before_production(world: World) -> None:
    await world.save(replace(MACHINE, onboarding=Onboarding()))
    with pytest.raises(UnauthorizedClientError):
        await ask(world, scope="dossier.read")
    await world.save(replace(MACHINE, onboarding=Onboarding(stage=OnboardingStage.PRODUCTION)))
    assert (await ask(world, scope="dossier.read")).scopes == ("dossier.read",)


async def test_a_token_of_the_client_s_own_is_not_good_at_userinfo(world: World) -> None:
    response = await ask(world, scope="report.send")
    with pytest.raises(OAuthError) as refused:
        await world.userinfo(response.access_token)
    assert refused.value.code == "insufficient_scope"
