import asyncio
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest

from idp.assembly.authorization import authorization_parts, stored_requests
from idp.domain.ids import Seconds
from idp.domain.levels.assurance import Level, Method
from idp.protocol.authorize.parameters import RequestParameters
from idp.protocol.authorize.request import ResponseTarget
from idp.protocol.authorize.response import OFFLINE_LIFETIME, AuthorizationResponder, AuthorizationResponse
from idp.protocol.claims.claims import ClaimsRequest, parse_claims_parameter
from idp.protocol.errors import AccessDeniedError, InvalidRequestUriError
from idp.protocol.tokens.authorization_code import AuthorizationCode
from tests.protocol.authorize.signed_in import asked, needing, signed_in
from tests.protocol.world import API, ISSUER, ORIGIN, PORTAL, REDIRECT, SESSION, World


def responder(world: World) -> AuthorizationResponder:
    return authorization_parts(world.parts).responder


async def pushed(world: World) -> str:
    return await stored_requests(world.parts).push(PORTAL.client_id, RequestParameters({"client_id": "portal"}))


async def answered(world: World, *methods: Method, **changes: object) -> tuple[dict[str, str], AuthorizationCode]:
    response = await responder(world).grant(asked(**changes), signed_in(world, *methods), ORIGIN)
    parameters = dict(response.parameters)
    content = await world.codes.claim(parameters["code"], world.clock.now())
    assert isinstance(content, AuthorizationCode)
    return parameters, content


async def test_the_answer_is_a_code_the_state_and_the_issuer(world: World) -> None:
    parameters, _ = await answered(world)
    assert parameters.keys() == {"code", "state", "iss", "session_state"}
    assert (parameters["state"], parameters["iss"]) == ("xyz", ISSUER)


async def test_without_a_state_none_is_returned(world: World) -> None:
    parameters, _ = await answered(world, target=ResponseTarget(REDIRECT, "query", None))
    assert "state" not in parameters


async def test_the_code_carries_what_must_match_when_it_is_redeemed(world: World) -> None:
    _, content = await answered(world, nonce="n-0S6", code_challenge="c" * 43)
    assert (content.redirect_uri, content.nonce, content.code_challenge) == (REDIRECT, "n-0S6", "c" * 43)
    assert (content.grant.client_id, content.grant.account_id) == ("portal", world.citizen)


async def test_the_code_remembers_which_ending_its_account_was_read_after(world: World) -> None:
    current = signed_in(world)
    current = replace(current, account=replace(current.account, sessions_valid_from=Seconds(7)))
    response = await responder(world).grant(asked(), current, ORIGIN)
    content = await world.codes.claim(dict(response.parameters)["code"], world.clock.now())
    assert isinstance(content, AuthorizationCode)
    assert content.grant.valid_from == 7


async def test_the_code_remembers_the_consent_that_it_stands_on(world: World) -> None:
    response = await responder(world).grant(asked(), signed_in(world), ORIGIN, consent_id="consent-1")
    content = await world.codes.claim(dict(response.parameters)["code"], world.clock.now())
    assert isinstance(content, AuthorizationCode)
    assert content.grant.consent_id == "consent-1"


async def test_the_grant_says_how_the_person_signed_in(world: World) -> None:
    _, content = await answered(world)
    assert (content.grant.acr, content.grant.amr) == ("urn:vn:loa:2", ("mfa", "otp", "pwd"))
    assert content.grant.authenticated_at == world.clock.now() - 600
    _, weaker = await answered(world, Method.PASSWORD)
    assert (weaker.grant.acr, weaker.grant.amr) == ("urn:vn:loa:1", ("pwd",))


async def test_a_requested_level_that_was_reached_is_asserted(world: World) -> None:
    _, content = await answered(world, assurance=replace(needing(Level.ONE), requested_acrs=("urn:vn:loa:1",)))
    assert content.grant.acr == "urn:vn:loa:1"


async def test_the_record_tells_what_the_policy_judged_and_which_version_did(world: World) -> None:
    await answered(world, assurance=needing(Level.TWO), prompts=frozenset({"none"}))
    (event,) = await world.audited("authorization.granted")
    assert (event["policy"], event["amr"]) == (1, ["mfa", "otp", "pwd"])
    assert event["shape"] == {
        "kind": "citizen",
        "scopes": [],
        "details": [],
        "asked_level": 1,
        "asked_resistance": 0,
        "level": 2,
        "resistance": 0,
        "youth": 900,
        "silent": True,
    }


async def test_a_grant_ends_with_its_session_unless_access_offline_was_granted(world: World) -> None:
    current = signed_in(world).session
    _, content = await answered(world)
    assert (content.grant.session_id, content.grant.expires_at) == (SESSION, current.expires_at)
    assert not content.grant.offline
    _, offline = await answered(world, scopes=("openid", "offline_access"))
    assert offline.grant.expires_at == Seconds(world.clock.now() + OFFLINE_LIFETIME)
    assert offline.grant.offline


async def test_resources_and_claims_travel_with_the_grant(world: World) -> None:
    claims = parse_claims_parameter('{"userinfo":{"name":{"essential":true}}}')
    _, content = await answered(world, resources=(API,), claims=claims)
    assert content.grant.resources == (API,)
    assert ClaimsRequest.from_stored(content.grant.claims) == claims


async def test_no_two_codes_or_grants_are_the_same(world: World) -> None:
    first, one = await answered(world)
    second, two = await answered(world)
    assert first["code"] != second["code"]
    assert one.grant.grant_id != two.grant.grant_id
    assert len(first["code"]) >= 43


async def test_the_answer_is_audited_before_it_leaves_and_without_the_code(world: World) -> None:
    parameters, content = await answered(world)
    (event,) = await world.audited("authorization.granted")
    assert (event["grant_id"], event["client_id"]) == (content.grant.grant_id, "portal")
    assert parameters["code"] not in str(event)


async def test_an_error_carries_the_state_and_the_issuer_and_no_code(world: World) -> None:
    response = await responder(world).refuse(PORTAL, ResponseTarget(REDIRECT, "query", "s t&ate"), AccessDeniedError())
    parameters = dict(parse_qsl(urlsplit(response.location).query))
    assert parameters["error"] == "access_denied"
    assert parameters.keys() == {"error", "error_description", "state", "iss"}
    assert parameters["state"] == "s t&ate"


async def test_a_pushed_request_is_spent_by_its_code(world: World) -> None:
    reference = await pushed(world)
    await responder(world).grant(asked(parameters=RequestParameters({}, (), reference)), signed_in(world), ORIGIN)
    with pytest.raises(InvalidRequestUriError):
        await responder(world).grant(asked(parameters=RequestParameters({}, (), reference)), signed_in(world), ORIGIN)


async def test_a_pushed_request_is_spent_by_an_error(world: World) -> None:
    reference = await pushed(world)
    target = ResponseTarget(REDIRECT, "query", None)
    await responder(world).refuse(PORTAL, target, AccessDeniedError(), reference)
    with pytest.raises(InvalidRequestUriError):
        await responder(world).refuse(PORTAL, target, AccessDeniedError(), reference)


async def test_of_fifty_at_once_one_gets_a_code_for_a_pushed_request(world: World) -> None:
    request = asked(parameters=RequestParameters({}, (), await pushed(world)))
    answers = await asyncio.gather(
        *(responder(world).grant(request, signed_in(world), ORIGIN) for _ in range(50)), return_exceptions=True
    )
    assert sum(isinstance(answer, AuthorizationResponse) for answer in answers) == 1
    assert sum(isinstance(answer, InvalidRequestUriError) for answer in answers) == 49


async def test_the_code_is_bound_to_the_key_that_the_request_named(world: World) -> None:
    _, content = await answered(world, key_thumbprint="t" * 43)
    assert content.key_thumbprint == "t" * 43


def test_an_answer_goes_to_the_address_as_it_is_registered() -> None:
    target = ResponseTarget("com.example.app:///cb?of=app", "query", None)
    assert AuthorizationResponse(target, (("code", "a b"),)).location == "com.example.app:///cb?of=app&code=a+b"
    in_fragment = ResponseTarget("com.example.app:///cb", "fragment", None)
    assert AuthorizationResponse(in_fragment, (("code", "a b"),)).location == "com.example.app:///cb#code=a+b"


async def test_a_signed_answer_is_one_parameter_and_nothing_else(world: World) -> None:
    signed = ResponseTarget(REDIRECT, "query", "xyz", signed=True)
    response = await responder(world).grant(asked(target=signed), signed_in(world), ORIGIN)
    assert [name for name, _ in response.parameters] == ["response"]
    claims = world.claims(response.parameters[0][1])
    assert claims["state"] == "xyz"
    assert await world.codes.claim(claims["code"], world.clock.now())


async def test_an_error_is_signed_too(world: World) -> None:
    target = ResponseTarget(REDIRECT, "fragment", "xyz", signed=True)
    response = await responder(world).refuse(PORTAL, target, AccessDeniedError())
    ((name, token),) = response.parameters
    assert (name, world.claims(token)["error"]) == ("response", "access_denied")
    assert urlsplit(response.location).fragment == f"response={token}"


async def test_nothing_of_an_answer_that_cannot_be_encrypted_goes_out(world: World) -> None:
    client = replace(PORTAL, metadata={"authorization_encrypted_response_alg": "RSA-OAEP-256", "jwks": {"keys": []}})
    target = ResponseTarget(REDIRECT, "query", "xyz", signed=True)
    response = await responder(world).grant(asked(target=target, client=client), signed_in(world), ORIGIN)
    assert dict(response.parameters)["error"] == "temporarily_unavailable"
    assert "code" not in dict(response.parameters)


def test_a_fragment_leaves_the_query_alone() -> None:
    target = ResponseTarget("https://portal.example/cb?of=portal", "fragment", None)
    response = AuthorizationResponse(target, (("code", "a b&c"),))
    assert response.location == "https://portal.example/cb?of=portal#code=a+b%26c"
