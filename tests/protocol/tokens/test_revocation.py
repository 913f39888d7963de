import pytest

from idp.protocol.clients.client_calls import ClientRequest
from idp.protocol.errors import InvalidClientError, InvalidGrantError, InvalidRequestError, InvalidTokenError
from tests.protocol.world import ORIGIN, World, basic, redemption


async def test_with_a_refresh_token_the_whole_grant_ends(world: World) -> None:
    response = await world.sign_in()
    assert response.refresh_token is not None
    await world.revoke(response.refresh_token)
    with pytest.raises(InvalidGrantError):
        await world.refresh(response.refresh_token)
    with pytest.raises(InvalidTokenError):
        await world.userinfo(response.access_token)
    (event,) = await world.audited("grant.revoked")
    assert event["reason"] == "client_request"


async def test_with_an_access_token_only_that_token_ends(world: World) -> None:
    response = await world.sign_in()
    await world.revoke(response.access_token)
    with pytest.raises(InvalidTokenError):
        await world.userinfo(response.access_token)
    await world.refresh(response.refresh_token)
    (event,) = await world.audited("access_token.revoked")
    assert event["token_id"] == world.claims(response.access_token)["jti"]


async def test_a_wrong_hint_does_not_matter(world: World) -> None:
    response = await world.sign_in()
    assert response.refresh_token is not None
    await world.revoke(response.refresh_token, token_type_hint="access_token")
    with pytest.raises(InvalidGrantError):
        await world.refresh(response.refresh_token)


async def test_a_refresh_token_that_was_used_still_ends_the_grant(world: World) -> None:
    first = await world.sign_in()
    assert first.refresh_token is not None
    second = await world.refresh(first.refresh_token)
    await world.revoke(first.refresh_token)
    with pytest.raises(InvalidGrantError):
        await world.refresh(second.refresh_token)


async def test_a_public_client_revokes_its_own_tokens(world: World) -> None:
    parameters = redemption(await world.code(world.grant(client_id="phone-app"))) | {"client_id": "phone-app"}
    response = await world.token(parameters)
    assert response.refresh_token is not None
    request = ClientRequest({"client_id": "phone-app", "token": response.refresh_token}, None, ORIGIN)
    await world.revocation_endpoint(request)
    with pytest.raises(InvalidTokenError):
        await world.userinfo(response.access_token)


@pytest.mark.parametrize("token", ["x", "a.b.c", "A" * 86, "é", "x" * 10_000])
async def test_an_invalid_token_is_no_error(world: World, token: str) -> None:
    await world.revoke(token)
    (event,) = await world.audited("access.refused")
    assert (event["endpoint"], event["error"], event["client_id"]) == ("revocation", "invalid_token", "portal")


async def test_revoking_twice_is_no_error(world: World) -> None:
    response = await world.sign_in()
    assert response.refresh_token is not None
    for token in (response.access_token, response.refresh_token) * 2:
        await world.revoke(token)
    assert len(await world.audited("grant.revoked")) == 1


async def test_another_client_s_token_is_refused_and_lives_on(world: World) -> None:
    response = await world.sign_in()
    assert response.refresh_token is not None
    for token in (response.access_token, response.refresh_token):
        with pytest.raises(InvalidGrantError):
            await world.revoke(token, "machine")
    await world.userinfo(response.access_token)
    await world.refresh(response.refresh_token)


async def test_the_client_must_authenticate_and_name_a_token(world: World) -> None:
    with pytest.raises(InvalidClientError):
        await world.revocation_endpoint(ClientRequest({"token": "x"}, basic(secret="wrong"), ORIGIN))
    with pytest.raises(InvalidRequestError):
        await world.revocation_endpoint(ClientRequest({}, basic(), ORIGIN))
    await world.revocation_endpoint.refuse(InvalidRequestError(), ORIGIN)
    assert [event["error"] for event in await world.audited("access.refused")] == [
        "invalid_client",
        "invalid_request",
        "invalid_request",
    ]
