"""Modules of the FAPI 2.0 Security Profile plan on authorization requests and where they are pushed, by name."""

import pytest

from idp.protocol.authorize.stored_requests import LIFETIME
from tests.conformance.fapi_suite import SIGNING_SECOND, VERIFIER, FapiSuite, refused
from tests.conformance.suite import CALLBACK, DESCRIPTION, PROFILE_CLAIMS, Suite, is_error_page, s256
from tests.flows.provider import ISSUER, Page, Provider, unverified_claims


async def answered(fapi: FapiSuite, request_uri: str) -> Page:
    """Sign in and agree."""
    return await fapi.suite.interact(await fapi.open(request_uri))


async def test_fapi2_security_profile_final_user_rejects_authentication(fapi: FapiSuite) -> None:
    request_uri = await fapi.pushed(scope="openid profile")
    suite = fapi.suite
    page = await suite.browser.sign_in(await fapi.open(request_uri))
    answer = suite.error(await suite.browser.submit(page, "consent", decision="deny"))
    assert (answer["error"], answer["iss"], answer["state"]) == ("access_denied", ISSUER, suite.state)


async def test_fapi2_security_profile_final_ensure_authorization_request_without_state_success(
    fapi: FapiSuite,
) -> None:
    request_uri = await fapi.pushed(state=None)
    fapi.suite.state = None
    fapi.checked(await fapi.redeem(fapi.suite.code(await answered(fapi, request_uri))))


async def test_fapi2_security_profile_final_ensure_authorization_request_without_nonce_success(
    fapi: FapiSuite,
) -> None:
    assert "nonce" not in unverified_claims((await fapi.sign_in(nonce=None))["id_token"])


@pytest.mark.parametrize("length", [64, 384])
async def test_fapi2_security_profile_final_ensure_authorization_request_with_64_char_nonce_success(
    fapi: FapiSuite, length: int
) -> None:
    assert unverified_claims((await fapi.sign_in(nonce="n" * length))["id_token"])["nonce"] == "n" * length


async def test_fapi2_security_profile_final_ensure_authorization_request_with_long_nonce(fapi: FapiSuite) -> None:
    nonce = "long-nonce-" * 34 + "end."
    assert len(nonce) >= 378
    assert unverified_claims((await fapi.sign_in(nonce=nonce))["id_token"])["nonce"] == nonce


async def test_fapi2_security_profile_final_ensure_authorization_request_with_long_state(fapi: FapiSuite) -> None:
    state = "s" * 1000
    request_uri = await fapi.pushed(state=state)
    fapi.suite.state = state
    assert fapi.suite.code(await answered(fapi, request_uri))


async def test_fapi2_security_profile_final_ensure_other_scope_order_succeeds(fapi: FapiSuite) -> None:
    tokens = await fapi.sign_in(scope="email openid")
    assert set(tokens["scope"].split()) == {"email", "openid"}


async def test_fapi2_security_profile_final_test_claims_parameter_identity_claims(fapi: FapiSuite) -> None:
    asked = '{"userinfo": {"name": {"essential": true}}, "id_token": {"given_name": null}}'
    tokens = fapi.checked(await fapi.redeem(await fapi.code(scope="openid profile", claims=asked)))
    id_token = unverified_claims(tokens["id_token"])
    assert id_token.keys() & PROFILE_CLAIMS == {"given_name"}
    assert (await fapi.userinfo(tokens["access_token"])).json()["name"]


async def test_fapi2_security_profile_final_ensure_different_nonce_inside_and_outside_request_object(
    fapi: FapiSuite,
) -> None:
    request_uri = await fapi.pushed(nonce="inside")
    page = await fapi.suite.browser.get(
        "/authorize", client_id=fapi.client.client_id, request_uri=request_uri, nonce="outside"
    )
    tokens = fapi.checked(await fapi.redeem(fapi.suite.code(await fapi.suite.interact(page))))
    assert unverified_claims(tokens["id_token"])["nonce"] == "inside"


async def test_fapi2_security_profile_final_ensure_different_state_inside_and_outside_request_object(
    fapi: FapiSuite,
) -> None:
    request_uri = await fapi.pushed(state="inside")
    fapi.suite.state = "inside"
    page = await fapi.suite.browser.get(
        "/authorize", client_id=fapi.client.client_id, request_uri=request_uri, state="outside"
    )
    assert fapi.suite.code(await fapi.suite.interact(page))


async def test_fapi2_security_profile_final_state_only_outside_request_object_not_used(fapi: FapiSuite) -> None:
    request_uri = await fapi.pushed(state=None)
    page = await fapi.suite.browser.get(
        "/authorize", client_id=fapi.client.client_id, request_uri=request_uri, state="outside"
    )
    fapi.suite.state = None
    assert fapi.suite.code(await fapi.suite.interact(page))


async def test_fapi2_security_profile_final_ensure_request_object_without_redirect_uri_fails(fapi: FapiSuite) -> None:
    refused(await fapi.push(redirect_uri=None), "invalid_request")


async def test_fapi2_security_profile_final_ensure_redirect_uri_in_authorization_request(fapi: FapiSuite) -> None:
    refused(await fapi.push(redirect_uri=None), "invalid_request")


async def test_fapi2_security_profile_final_ensure_registered_redirect_uri(fapi: FapiSuite) -> None:
    for elsewhere in ("https://elsewhere.example/callback", f"{CALLBACK}?x=y", f"{CALLBACK}/"):
        refused(await fapi.push(redirect_uri=elsewhere), "invalid_request")


async def test_fapi2_security_profile_final_plain_fapi_tolerate_unregistered_redirect_uri(fapi: FapiSuite) -> None:
    # RFC 9126 section 2.4 lets a server take such an address, and the suite both answers; nothing is taken here.
    refused(await fapi.push(redirect_uri=f"{CALLBACK}/unregistered"), "invalid_request")


async def test_fapi2_security_profile_final_ensure_unsigned_authorization_request_without_using_par_fails(
    fapi: FapiSuite,
) -> None:
    challenge = {"code_challenge": s256(VERIFIER), "code_challenge_method": "S256"}
    page = await fapi.suite.request(client_id=fapi.client.client_id, **challenge)
    assert fapi.suite.error(page)["error"] == "invalid_request"


async def test_fapi2_security_profile_final_ensure_response_type_code_idtoken_fails(fapi: FapiSuite) -> None:
    refused(await fapi.push(response_type="code id_token"), "unsupported_response_type")


async def test_fapi2_security_profile_final_ensure_response_type_token_fails(fapi: FapiSuite) -> None:
    refused(await fapi.push(response_type="token"), "unsupported_response_type")


async def test_fapi2_security_profile_final_par_ensure_reused_request_uri_prior_to_auth_completion_succeeds(
    fapi: FapiSuite,
) -> None:
    request_uri = await fapi.pushed()
    assert (await fapi.open(request_uri)).has_form("sign-in")
    fapi.checked(await fapi.redeem(fapi.suite.code(await answered(fapi, request_uri))))


async def test_fapi2_security_profile_final_par_attempt_reuse_request_uri(fapi: FapiSuite) -> None:
    request_uri = await fapi.pushed()
    assert fapi.suite.code(await answered(fapi, request_uri))
    page = await fapi.open(request_uri)
    assert (is_error_page(page), page.error_code) == (True, "invalid_request_uri")


async def test_fapi2_security_profile_final_par_attempt_to_use_expired_request_uri(fapi: FapiSuite) -> None:
    request_uri = await fapi.pushed()
    fapi.provider.clock.advance(LIFETIME)
    page = await fapi.open(request_uri)
    assert (is_error_page(page), page.error_code) == (True, "invalid_request_uri")


async def test_fapi2_security_profile_final_par_attempt_to_use_request_uri_for_different_client(
    fapi: FapiSuite,
) -> None:
    request_uri = await fapi.pushed()
    fapi.client = SIGNING_SECOND
    page = await fapi.open(request_uri)
    assert (is_error_page(page), page.error_code) == (True, "invalid_request_uri")


async def test_fapi2_security_profile_final_par_authorization_request_containing_request_uri_form_param(
    fapi: FapiSuite,
) -> None:
    refused(await fapi.push(request_uri=await fapi.pushed()), "invalid_request")


async def test_fapi2_security_profile_final_par_attempt_invalid_http_method(fapi: FapiSuite) -> None:
    fields = {**fapi.suite.parameters(client_id=fapi.client.client_id), **fapi.authentication()}
    response = await fapi.suite.browser.http.put("/par", data=fields)
    assert response.status_code == 405
    assert DESCRIPTION.fullmatch(response.json()["error_description"])


async def test_fapi2_security_profile_final_par_without_duplicate_parameters(fapi: FapiSuite) -> None:
    request_uri = await fapi.pushed()
    entropy_bits = len(request_uri.rpartition(":")[2]) * 6
    assert entropy_bits >= 256
    fapi.checked(await fapi.redeem(fapi.suite.code(await answered(fapi, request_uri))))


async def test_fapi2_security_profile_final_par_ensure_pkce_required(fapi: FapiSuite) -> None:
    refused(await fapi.push(code_challenge=None, code_challenge_method=None), "invalid_request")


async def test_fapi2_security_profile_final_par_plain_pkce_rejected(fapi: FapiSuite) -> None:
    refused(await fapi.push(code_challenge=VERIFIER, code_challenge_method="plain"), "invalid_request")
    refused(await fapi.push(code_challenge_method=None), "invalid_request")


async def test_a_redirect_uri_with_its_own_query_keeps_it_in_success_and_error(fapi_provider: Provider) -> None:
    # conformance.md: the second client of the plan is registered so.
    suite = Suite(fapi_provider)
    own = f"{CALLBACK}?dummy1=lorem&dummy2=ipsum"
    fields = {**suite.parameters(client_id="suite-2", redirect_uri=own), "prompt": "none"}
    response = await suite.browser.http.post("/par", data=fields, auth=("suite-2", "another-client-secret-for-tests"))
    page = await suite.browser.get("/authorize", client_id="suite-2", request_uri=response.json()["request_uri"])
    assert page.location.startswith(f"{own}&error=login_required&")
