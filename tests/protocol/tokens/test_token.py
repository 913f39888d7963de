import pytest

from idp.domain.ids import ClientId
from idp.protocol.errors import (
    InvalidClientError,
    InvalidRequestError,
    OAuthError,
    UnauthorizedClientError,
    UnsupportedGrantTypeError,
)
from idp.protocol.tokens.token import TokenResponse, required
from tests.protocol.world import ORIGIN, World, basic


async def refused(world: World, parameters: dict[str, str], authorization: str | None = None) -> OAuthError:
    with pytest.raises(OAuthError) as caught:
        await world.token(parameters, authorization=authorization)
    return caught.value


async def test_the_grant_type_is_required(world: World) -> None:
    assert type(await refused(world, {})) is InvalidRequestError


async def test_an_unknown_grant_type_is_not_supported(world: World) -> None:
    for grant_type in ("password", "implicit", "AUTHORIZATION_CODE", "x" * 5000):
        assert type(await refused(world, {"grant_type": grant_type})) is UnsupportedGrantTypeError


async def test_a_grant_type_that_is_not_registered_is_unauthorized(world: World) -> None:
    assert type(await refused(world, {"grant_type": "client_credentials"})) is UnauthorizedClientError


async def test_the_client_is_authenticated_before_anything_else_is_looked_at(world: World) -> None:
    code = await world.code()
    parameters = {"grant_type": "authorization_code", "code": code}
    assert type(await refused(world, parameters, basic(secret="wrong"))) is InvalidClientError
    await world.redeem(code)


async def test_every_refusal_is_audited_with_its_private_reason(world: World) -> None:
    await refused(world, {"grant_type": "authorization_code", "code": "unknown"})
    (event,) = await world.audited("tokens.refused")
    assert event["client_id"] == "portal"
    assert event["error"] == "invalid_grant"
    assert event["reason"] == "unknown or expired code"
    assert event["grant_type"] == "authorization_code"


async def test_what_strangers_make_up_is_not_written_down(world: World) -> None:
    await refused(world, {"grant_type": "made-up-grant", "client_id": "made-up-client"})
    await refused(world, {"grant_type": "made-up-grant"})
    written = str(await world.audited("tokens.refused"))
    assert "unknown client" in written
    assert "made-up" not in written


async def test_no_token_secret_or_code_is_ever_audited(world: World) -> None:
    response = await world.sign_in()
    code = await world.code()
    await world.redeem(code)
    await refused(world, {"grant_type": "authorization_code", "code": code})
    written = str(await world.audited())
    assert response.refresh_token is not None
    for secret in (response.access_token, response.refresh_token, code):
        assert secret not in written


async def test_a_request_that_cannot_be_read_is_counted(world: World) -> None:
    await world.token_endpoint.refuse(InvalidRequestError(), ORIGIN)
    (event,) = await world.audited("tokens.refused")
    assert event["error"] == "invalid_request"


def test_a_response_has_the_members_of_rfc_6749_and_no_empty_ones() -> None:
    response = TokenResponse(ClientId("portal"), "a", 300, ())
    assert response.members() == {"access_token": "a", "token_type": "Bearer", "expires_in": 300}


def test_a_missing_parameter_is_named() -> None:
    with pytest.raises(InvalidRequestError, match="code is missing"):
        required({}, "code")
