from dataclasses import replace
from typing import Any

import pytest

from idp.domain.clients.client import Client, ClientAudience
from idp.domain.clients.onboarding import Onboarding
from idp.domain.ids import ClientId
from idp.domain.levels.assurance import Level
from idp.protocol.errors import (
    InvalidAuthorizationDetailsError,
    InvalidRequestError,
    InvalidScopeError,
    InvalidTargetError,
    InvalidTokenError,
    OAuthError,
    UnauthorizedClientError,
)
from idp.protocol.grants.token_exchange import ACCESS_TOKEN, GRANT_TYPE, MOST_ACTORS
from idp.protocol.tokens.token import TokenResponse
from tests.protocol.world import API, ARCHIVE, MACHINE, PORTAL, World, basic

ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"
SCOPES = ("openid", "dossier.read", "dossier.write")


def exchanging(client_id: str, *subjects: str, audiences: tuple[str, ...] = (API,), **changes: Any) -> Client:
    """A service that may go on with tokens of `subjects`."""
    return replace(
        MACHINE,
        client_id=ClientId(client_id),
        grant_types=frozenset({GRANT_TYPE, "client_credentials"}),
        metadata={"token_exchange": {"subjects": list(subjects), "audiences": list(audiences)}},
        **changes,
    )


@pytest.fixture
async def world(world: World) -> World:
    await world.save(exchanging("desk", "portal", "desk"))
    return world


async def subject_token(world: World, scopes: tuple[str, ...] = SCOPES, resource: str = API) -> str:
    """The token with which the portal calls the desk."""
    return (await world.sign_in(resource, grant=world.grant(scopes=scopes))).access_token


async def exchange(
    world: World, token: str, *resources: str, client_id: Any = "desk", **changes: str | None
) -> TokenResponse:
    asked = {
        "grant_type": GRANT_TYPE,
        "subject_token": token,
        "subject_token_type": ACCESS_TOKEN,
        **changes,
    }
    parameters = {name: value for name, value in asked.items() if value is not None}
    return await world.token(parameters, *resources, authorization=basic(client_id))


async def test_no_details_are_granted(world: World) -> None:
    with pytest.raises(InvalidAuthorizationDetailsError):
        await exchange(world, await subject_token(world), authorization_details="[]")


async def test_a_service_goes_on_for_the_same_person_and_says_who_acts(world: World) -> None:
    response = await exchange(world, await subject_token(world), scope="dossier.read")
    claims = world.claims(response.access_token)
    assert claims["client_id"] == "desk"
    assert claims["aud"] == API
    assert claims["scope"] == "dossier.read"
    assert claims["act"] == {"sub": "desk"}
    assert claims["auth_time"]
    assert (response.members()["issued_token_type"], response.token_type) == (ACCESS_TOKEN, "Bearer")
    assert response.refresh_token is None
    assert response.id_token is None
    assert (await world.introspect(response.access_token, "desk"))["act"] == {"sub": "desk"}
    (*_, issued) = await world.audited("tokens.issued")
    assert (issued["grant_type"], issued["account_id"]) == (GRANT_TYPE, world.citizen)


async def test_the_subject_is_told_as_the_new_client_knows_it(world: World) -> None:
    token = await subject_token(world)
    response = await exchange(world, token)
    assert world.claims(response.access_token)["sub"] != world.claims(token)["sub"]


async def test_actors_are_told_one_within_the_other_and_not_without_end(world: World) -> None:
    token = await subject_token(world)
    for _ in range(MOST_ACTORS):
        token = (await exchange(world, token)).access_token
    actor, depth = world.claims(token)["act"], 0
    while actor:
        actor, depth = actor.get("act"), depth + 1
    assert depth == MOST_ACTORS
    with pytest.raises(InvalidRequestError, match="Too many"):
        await exchange(world, token)


async def test_an_actor_token_of_the_clients_own_says_who_acts(world: World) -> None:
    own = await world.token({"grant_type": "client_credentials", "scope": "dossier.read"}, authorization=basic("desk"))
    response = await exchange(
        world, await subject_token(world), actor_token=own.access_token, actor_token_type=ACCESS_TOKEN
    )
    assert world.claims(response.access_token)["act"] == {"sub": "desk", "client_id": "desk"}


async def test_nobody_acts_by_another_clients_token(world: World) -> None:
    token = await subject_token(world)
    with pytest.raises(InvalidRequestError, match="actor_token"):
        await exchange(world, token, actor_token=token, actor_token_type=ACCESS_TOKEN)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"subject_token": None}, InvalidRequestError),
        ({"subject_token_type": None}, InvalidRequestError),
        ({"subject_token_type": ID_TOKEN}, InvalidRequestError),
        ({"requested_token_type": ID_TOKEN}, InvalidRequestError),
        ({"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"}, InvalidRequestError),
        ({"actor_token": "x"}, InvalidRequestError),
        ({"actor_token_type": ACCESS_TOKEN}, InvalidRequestError),
        ({"actor_token": "x", "actor_token_type": ID_TOKEN}, InvalidRequestError),
        ({"actor_token": "x", "actor_token_type": ACCESS_TOKEN}, InvalidRequestError),
        ({"subject_token": "not a token"}, InvalidRequestError),
        ({"scope": "archive.read"}, InvalidScopeError),
        ({"scope": "openid"}, InvalidScopeError),
        ({"audience": ARCHIVE}, InvalidTargetError),
        ({"audience": "desk"}, InvalidTargetError),
    ],
)
async def test_what_goes_beyond_the_table_or_the_token_is_refused(
    world: World, changes: dict[str, str | None], error: type[OAuthError]
) -> None:
    token = await subject_token(world)
    with pytest.raises(error):
        await exchange(world, token, **changes)


async def test_scopes_are_those_of_the_token_that_the_client_may_have_itself(world: World) -> None:
    await world.save(exchanging("reader", "portal", scopes=frozenset({"dossier.read", "archive.read"})))
    response = await exchange(world, await subject_token(world), client_id="reader")
    assert response.scopes == ("dossier.read",)
    with pytest.raises(InvalidScopeError):
        await exchange(world, await subject_token(world), client_id="reader", scope="dossier.write")
    only_written = await subject_token(world, ("openid", "dossier.write"))
    with pytest.raises(InvalidScopeError):
        await exchange(world, only_written, client_id="reader")


async def test_a_token_of_a_client_that_is_not_in_the_table_is_refused(world: World) -> None:
    await world.save(exchanging("stranger", "other"))
    with pytest.raises(InvalidRequestError, match="may exchange"):
        await exchange(world, await subject_token(world), client_id="stranger")


async def test_several_resources_must_be_told_apart(world: World) -> None:
    await world.save(exchanging("desk", "portal", audiences=(API, ARCHIVE)))
    token = await subject_token(world)
    with pytest.raises(InvalidTargetError):
        await exchange(world, token)
    assert (await exchange(world, token, API)).scopes == ("dossier.read", "dossier.write")
    assert (await exchange(world, token, audience=API)).scopes == ("dossier.read", "dossier.write")
    with pytest.raises(InvalidTargetError):
        await exchange(world, token, ARCHIVE)


async def test_a_client_without_a_table_or_without_credentials_exchanges_nothing(world: World) -> None:
    token = await subject_token(world)
    await world.save(replace(exchanging("desk"), metadata={}))
    with pytest.raises(UnauthorizedClientError):
        await exchange(world, token)
    await world.save(exchanging("desk", "portal", token_endpoint_auth_method="none"))
    with pytest.raises(UnauthorizedClientError):
        await world.token(
            {
                "grant_type": GRANT_TYPE,
                "subject_token": token,
                "subject_token_type": ACCESS_TOKEN,
                "client_id": "desk",
            }
        )
    with pytest.raises(UnauthorizedClientError):
        await exchange(world, token, client_id="machine")


async def test_nothing_is_exchanged_before_production_not_even_for_a_tester(world: World) -> None:
    token = await subject_token(world)
    await world.save(exchanging("desk", "portal", onboarding=Onboarding(testers=(world.citizen,))))
    with pytest.raises(UnauthorizedClientError):
        await exchange(world, token)


async def test_a_token_behind_which_is_nobody_is_refused(world: World) -> None:
    own = await world.token({"grant_type": "client_credentials", "scope": "dossier.read"}, authorization=basic("desk"))
    with pytest.raises(InvalidRequestError, match="nobody"):
        await exchange(world, own.access_token)


async def test_nothing_outlives_the_token_that_it_was_made_from(world: World) -> None:
    token = await subject_token(world)
    world.clock.seconds += 200
    response = await exchange(world, token)
    assert response.expires_in == 100
    world.clock.seconds += 100
    with pytest.raises(InvalidRequestError):
        await exchange(world, token)


async def test_what_ends_the_grant_ends_what_came_of_it(world: World) -> None:
    response = await exchange(world, await subject_token(world))
    assert (await world.introspect(response.access_token, "desk"))["active"]
    await world.end_session()
    assert not (await world.introspect(response.access_token, "desk"))["active"]
    with pytest.raises(InvalidTokenError):
        await world.state.access_token(response.access_token)


async def test_a_revoked_token_is_not_exchanged(world: World) -> None:
    token = await subject_token(world)
    await world.revoke(token)
    with pytest.raises(InvalidRequestError, match="revoked"):
        await exchange(world, token)


async def test_a_client_that_does_not_serve_the_person_or_wants_more_proof_is_refused(world: World) -> None:
    token = await subject_token(world)
    await world.save(exchanging("desk", "portal", audience=ClientAudience.OFFICER))
    with pytest.raises(InvalidRequestError, match="serve"):
        await exchange(world, token)
    await world.save(exchanging("desk", "portal", minimum_level=Level.THREE))
    with pytest.raises(InvalidRequestError, match="strong"):
        await exchange(world, token)


async def test_the_portals_own_token_for_userinfo_is_no_way_to_its_claims(world: World) -> None:
    await world.save(exchanging("desk", PORTAL.client_id, scopes=frozenset({"dossier.read", "profile"})))
    token = (await world.sign_in(grant=world.grant(scopes=("openid", "profile")))).access_token
    with pytest.raises(InvalidTargetError):
        await exchange(world, token)
