import pytest

from idp.assembly.authorization import request_validator
from idp.protocol.authorize.parameters import RequestParameters
from idp.protocol.authorize.request import AuthorizationRefusedError, AuthorizationRequest
from idp.protocol.errors import InvalidClientError, InvalidRequestError, InvalidTargetError, OAuthError
from tests.protocol.world import API, REDIRECT, World

REQUEST = {
    "client_id": "portal",
    "redirect_uri": REDIRECT,
    "response_type": "code",
    "scope": "openid profile",
    "state": "xyz",
}


async def validate(world: World, *resources: str, **changes: str | None) -> AuthorizationRequest:
    parameters = {name: value for name, value in {**REQUEST, **changes}.items() if value is not None}
    return await request_validator(world.parts).validate(RequestParameters(parameters, resources))


async def refusal(world: World, *resources: str, **changes: str | None) -> AuthorizationRefusedError:
    with pytest.raises(AuthorizationRefusedError) as refused:
        await validate(world, *resources, **changes)
    return refused.value


async def test_a_request_becomes_what_was_checked(world: World) -> None:
    request = await validate(
        world, API, nonce="n-0S6", max_age="60", prompt="login", login_hint="anh", ui_locales="en", display="popup"
    )
    assert request.client.client_id == "portal"
    assert request.target.redirect_uri == REDIRECT
    assert (request.scopes, request.resources) == (("openid", "profile"), (API,))
    assert (request.nonce, request.max_age, request.prompts) == ("n-0S6", 60, frozenset({"login"}))
    assert (request.login_hint, request.ui_locales, request.subjects) == ("anh", "en", None)


@pytest.mark.parametrize(("changes", "error"), [
    ({"client_id": "nobody"}, InvalidClientError),
    ({"client_id": None}, InvalidRequestError),
    ({"redirect_uri": "https://evil.example"}, InvalidRequestError),
    ({"redirect_uri": None}, InvalidRequestError),
])  # fmt: skip
async def test_until_it_is_known_where_to_nothing_is_sent(
    world: World, changes: dict[str, str | None], error: type[OAuthError]
) -> None:
    refused = await refusal(world, **changes)
    assert refused.target is None
    assert type(refused.error) is error


@pytest.mark.parametrize("changes", [
    {"response_type": "token"}, {"scope": ""}, {"prompt": "none login"}, {"max_age": "x"},
    {"code_challenge": "short", "code_challenge_method": "S256"}, {"claims": "{"}, {"nonce": "n" * 2000},
    {"response_mode": "web_message"}, {"id_token_hint": "garbage"},
])  # fmt: skip
async def test_after_that_every_refusal_goes_back_with_the_state(world: World, changes: dict[str, str]) -> None:
    refused = await refusal(world, **changes)
    assert refused.target is not None
    assert (refused.target.redirect_uri, refused.target.state) == (REDIRECT, "xyz")
    assert refused.client is not None


async def test_an_unknown_resource_goes_back_too(world: World) -> None:
    refused = await refusal(world, "https://elsewhere.example")
    assert isinstance(refused.error, InvalidTargetError)
    assert refused.target is not None


async def id_token(world: World) -> str:
    token = (await world.sign_in()).id_token
    assert token is not None
    return token


async def test_a_hint_names_who_is_wanted(world: World) -> None:
    hint = await id_token(world)
    request = await validate(world, id_token_hint=hint)
    assert request.subjects == frozenset({world.claims(hint)["sub"]})


async def test_a_hint_of_another_client_is_refused(world: World) -> None:
    refused = await refusal(world, client_id="other", redirect_uri="http://localhost:8002/callback",
                            id_token_hint=await id_token(world))  # fmt: skip
    assert isinstance(refused.error, InvalidRequestError)


async def test_the_claim_sub_names_who_is_wanted_and_a_hint_narrows_it(world: World) -> None:
    asked = '{"id_token":{"sub":{"values":["one","two"]}}}'
    assert (await validate(world, claims=asked)).subjects == frozenset({"one", "two"})
    assert (await validate(world, claims=asked, id_token_hint=await id_token(world))).subjects == frozenset()
