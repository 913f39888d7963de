import asyncio
from dataclasses import replace
from secrets import token_urlsafe

import pytest

from idp.assembly.authorization import incoming_requests, pushed_authorization_endpoint, request_validator
from idp.domain.ids import ClientId
from idp.protocol.authorize.pushed_authorization_request import LONGEST_REQUEST, PushResponse
from idp.protocol.authorize.stored_requests import URN
from idp.protocol.clients.client_calls import ClientRequest
from idp.protocol.errors import (
    InvalidClientError,
    InvalidDpopProofError,
    InvalidRequestError,
    InvalidRequestObjectError,
    InvalidScopeError,
    InvalidTargetError,
    OAuthError,
    UnsupportedResponseTypeError,
)
from idp.protocol.senders.possession import NOTHING_SHOWN, Possession
from tests.protocol.client_signer import ClientSigner
from tests.protocol.world import API, ISSUER, ORIGIN, PORTAL, REDIRECT, World, basic

ASKED = {"redirect_uri": REDIRECT, "response_type": "code", "scope": "openid profile", "state": "xyz"}
CHALLENGE = {"code_challenge": "c" * 43, "code_challenge_method": "S256"}


async def push(world: World, *resources: str, authorization: str | None = None, **changes: str | None) -> PushResponse:
    parameters = {name: value for name, value in {**ASKED, **changes}.items() if value is not None}
    if authorization is None and "client_id" not in parameters:
        authorization = basic()
    return await pushed_authorization_endpoint(world.parts)(
        ClientRequest(parameters, authorization, ORIGIN, resources=resources)
    )


async def test_a_checked_request_is_kept_for_at_least_a_minute(world: World) -> None:
    response = await push(world, API, nonce="n-0S6")
    assert response.members() == {"request_uri": response.request_uri, "expires_in": 60}
    assert response.request_uri.startswith(URN)
    parameters = await incoming_requests(world.parts).at_authorization_endpoint(
        {"client_id": "portal", "request_uri": response.request_uri}, ()
    )
    request = await request_validator(world.parts).validate(parameters)
    assert (request.nonce, request.resources, request.target.state) == ("n-0S6", (API,), "xyz")


async def test_public_clients_push_too(world: World) -> None:
    response = await push(world, client_id="phone-app", **CHALLENGE)
    assert response.client_id == "phone-app"


async def test_a_secret_in_the_body_authenticates_and_is_not_kept(world: World) -> None:
    with pytest.raises(InvalidClientError):
        await push(world, client_id="other", client_secret="wrong")
    secret = "a secret: with+signs%and more"
    response = await push(world, client_id="other", client_secret=secret, redirect_uri="http://localhost:8002/callback")
    parameters = await incoming_requests(world.parts).at_authorization_endpoint(
        {"client_id": "other", "request_uri": response.request_uri}, ()
    )
    assert "client_secret" not in parameters.values


@pytest.mark.parametrize(("changes", "error"), [
    ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, InvalidRequestError),
    ({"request_uri": "https://portal.example/request.jwt"}, InvalidRequestError),
    ({"client_id": "other"}, InvalidRequestError),
    ({"redirect_uri": None}, InvalidRequestError),
    ({"redirect_uri": "https://evil.example"}, InvalidRequestError),
    ({"response_type": None}, InvalidRequestError),
    ({"response_type": "token"}, UnsupportedResponseTypeError),
    ({"scope": "unheard.of"}, InvalidScopeError),
    ({"code_challenge": "c" * 43, "code_challenge_method": "plain"}, InvalidRequestError),
    ({"response_mode": "web_message"}, InvalidRequestError),
    ({"claims": "{"}, InvalidRequestError),
    ({"dpop_jkt": "short"}, InvalidRequestError),
    ({"prompt": "none login"}, InvalidRequestError),
    ({"unknown": "x" * LONGEST_REQUEST}, InvalidRequestError),
])  # fmt: skip
async def test_everything_is_checked_when_it_is_pushed(
    world: World, changes: dict[str, str | None], error: type[OAuthError]
) -> None:
    with pytest.raises(error):
        await push(world, authorization=basic(), **changes)
    (refused,) = await world.audited("access.refused")
    assert (refused["endpoint"], refused["error"]) == ("par", error.code)
    assert refused.get("client_id") == (None if "client_id" in changes else "portal")


async def test_an_unknown_resource_is_refused(world: World) -> None:
    with pytest.raises(InvalidTargetError):
        await push(world, "https://elsewhere.example")


async def test_a_public_client_without_a_challenge_is_refused(world: World) -> None:
    with pytest.raises(InvalidRequestError):
        await push(world, client_id="phone-app")


async def test_who_fails_to_authenticate_is_recorded(world: World) -> None:
    with pytest.raises(InvalidClientError):
        await push(world, authorization=basic(secret="wrong"))
    await world.floods.finish()
    assert (await world.audited("access.refused"))[0]["error"] == "invalid_client"


async def test_a_push_is_audited_without_what_was_asked(world: World) -> None:
    response = await push(world, login_hint="anh@example.vn")
    (event,) = await world.audited("authorization.pushed")
    assert event["client_id"] == "portal"
    assert "anh" not in str(event)
    assert response.request_uri not in str(event)


def proof(world: World, signer: ClientSigner, **changes: object) -> Possession:
    claims = {"htm": "POST", "htu": f"{ISSUER}/par", "iat": world.clock.now(), "jti": token_urlsafe(8), **changes}
    return Possession(url=f"{ISSUER}/par", proofs=(signer.sign(claims, typ="dpop+jwt", jwk=signer.public),))


async def bound(world: World, shown: Possession, **changes: str) -> str | None:
    request = ClientRequest({**ASKED, **changes}, basic(), ORIGIN, shown)
    response = await pushed_authorization_endpoint(world.parts)(request)
    parameters = await incoming_requests(world.parts).at_authorization_endpoint(
        {"client_id": "portal", "request_uri": response.request_uri}, ()
    )
    return (await request_validator(world.parts).validate(parameters)).key_thumbprint


async def test_a_proof_binds_the_code_to_its_key(world: World) -> None:
    signer = ClientSigner()
    assert await bound(world, proof(world, signer)) == signer.thumbprint
    assert await bound(world, proof(world, signer), dpop_jkt=signer.thumbprint) == signer.thumbprint


async def test_the_parameter_alone_binds_it_too(world: World) -> None:
    assert await bound(world, NOTHING_SHOWN, dpop_jkt="t" * 43) == "t" * 43
    assert await bound(world, NOTHING_SHOWN) is None


async def test_a_parameter_that_names_another_key_than_the_proof_is_refused(world: World) -> None:
    with pytest.raises(InvalidRequestError):
        await bound(world, proof(world, ClientSigner()), dpop_jkt="t" * 43)


@pytest.mark.parametrize("changes", [{"htu": f"{ISSUER}/token"}, {"htm": "GET"}, {"iat": 1}])
async def test_a_proof_for_something_else_is_refused(world: World, changes: dict[str, object]) -> None:
    with pytest.raises(InvalidDpopProofError):
        await bound(world, proof(world, ClientSigner(), **changes))


async def test_a_proof_is_good_once(world: World) -> None:
    shown = proof(world, ClientSigner())
    outcomes = await asyncio.gather(*(bound(world, shown) for _ in range(50)), return_exceptions=True)
    assert sum(isinstance(outcome, str) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, InvalidDpopProofError) for outcome in outcomes) == 49


async def test_a_request_object_is_not_spent_while_the_proof_is_refused(world: World) -> None:
    """A client that is told to use a nonce sends the same request object again."""
    signer = ClientSigner()
    await world.save(replace(PORTAL, client_id=ClientId("signing"), metadata={"jwks": {"keys": [signer.jwk]}}))
    now = world.clock.now()
    claims = {"iss": "signing", "client_id": "signing", "aud": ISSUER, "nbf": now, "exp": now + 60, "jti": "once"}
    asked = {"client_id": "signing", "request": signer.sign({**ASKED, **claims})}

    async def ask(shown: Possession) -> PushResponse:
        return await pushed_authorization_endpoint(world.parts)(ClientRequest(asked, basic("signing"), ORIGIN, shown))

    with pytest.raises(InvalidDpopProofError):
        await ask(proof(world, signer, htm="GET"))
    assert (await ask(proof(world, signer))).request_uri
    with pytest.raises(InvalidRequestObjectError):
        await ask(proof(world, signer))


async def test_fifty_pushes_are_fifty_requests(world: World) -> None:
    responses = await asyncio.gather(*(push(world) for _ in range(50)))
    assert len({response.request_uri for response in responses}) == 50
