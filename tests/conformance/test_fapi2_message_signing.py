"""Modules of the FAPI 2.0 Message Signing plan, by name: signed requests, with plain and with signed answers (JARM)."""

import json

import pytest

from tests.conformance.fapi_suite import refused
from tests.conformance.message_signing_suite import MessageSuite, register_message_client
from tests.conformance.suite import CALLBACK, unsigned
from tests.domain.grants.test_authorization_detail_types import PAYMENT
from tests.flows.provider import ISSUER, Provider, unverified_claims
from tests.protocol.client_signer import ClientSigner

HOUR = 3600


@pytest.fixture
async def provider(fapi_provider: Provider) -> Provider:
    """A provider with the plan's clients."""
    await register_message_client(fapi_provider)
    return fapi_provider


@pytest.fixture(params=[False, True], ids=["plain_response", "jarm"])
def both(request: pytest.FixtureRequest, provider: Provider) -> MessageSuite:
    """The suite, with either kind of answers."""
    return MessageSuite(provider, jarm=request.param)


@pytest.fixture
def suite(provider: Provider) -> MessageSuite:
    """The suite, with plain answers: what is refused is refused when it is pushed."""
    return MessageSuite(provider)


async def succeeds(suite: MessageSuite, token: str, **beside: str) -> dict[str, object]:
    return suite.checked(await suite.redeem(await suite.signed_in(token, **beside)))


async def test_fapi2_security_profile_final_happy_flow(both: MessageSuite) -> None:
    tokens = await succeeds(both, both.signed(nonce="n-0S6"))
    assert unverified_claims(str(tokens["id_token"]))["nonce"] == "n-0S6"


async def test_fapi2_security_profile_final_ensure_request_object_with_multiple_aud_succeeds(
    both: MessageSuite,
) -> None:
    await succeeds(both, both.signed(aud=[ISSUER, "https://other1.example.com"]))


async def test_fapi2_security_profile_final_ensure_request_object_with_nbf_8_seconds_in_the_future_is_accepted(
    both: MessageSuite,
) -> None:
    await succeeds(both, both.signed(nbf=both.now + 8))


async def test_fapi2_security_profile_final_ensure_request_object_without_exp_fails(suite: MessageSuite) -> None:
    refused(await suite.push_object(suite.signed(exp=None)), "invalid_request_object")


async def test_fapi2_security_profile_final_ensure_request_object_without_nbf_fails(suite: MessageSuite) -> None:
    refused(await suite.push_object(suite.signed(nbf=None)), "invalid_request_object")


async def test_fapi2_security_profile_final_ensure_expired_request_object_fails(suite: MessageSuite) -> None:
    refused(await suite.push_object(suite.signed(exp=suite.now - 300, nbf=suite.now - 600)), "invalid_request_object")


async def test_fapi2_security_profile_final_ensure_request_object_with_bad_aud_fails(suite: MessageSuite) -> None:
    for audience in ("https://bad.example", ["https://bad.example"], f"{ISSUER}/par"):
        refused(await suite.push_object(suite.signed(aud=audience)), "invalid_request_object")


async def test_fapi2_security_profile_final_ensure_request_object_with_exp_over_60_fails(suite: MessageSuite) -> None:
    refused(await suite.push_object(suite.signed(exp=suite.now + HOUR + 600)), "invalid_request_object")


async def test_fapi2_security_profile_final_ensure_request_object_with_nbf_over_60_fails(suite: MessageSuite) -> None:
    refused(await suite.push_object(suite.signed(nbf=suite.now - HOUR - 600)), "invalid_request_object")


async def test_fapi2_security_profile_final_ensure_signed_request_object_with_rs256_fails(suite: MessageSuite) -> None:
    signer = ClientSigner(suite.client.signer.kid, "RS256")
    refused(await suite.push_object(suite.signed(signer)), "invalid_request_object")


async def test_fapi2_security_profile_final_ensure_request_object_signature_algorithm_is_not_none(
    suite: MessageSuite,
) -> None:
    token = unsigned(suite.claims())
    refused(await suite.push_object(token), "invalid_request_object")


async def test_fapi2_security_profile_final_ensure_request_object_with_invalid_signature_fails(
    suite: MessageSuite,
) -> None:
    head, _, signature = suite.signed().rpartition(".")
    broken = signature[:-8] + ("A" * 8 if signature[-8:] != "A" * 8 else "B" * 8)
    refused(await suite.push_object(f"{head}.{broken}"), "invalid_request_object")


async def test_fapi2_security_profile_final_ensure_matching_key_in_authorization_request(suite: MessageSuite) -> None:
    stranger = ClientSigner(suite.client.signer.kid, "PS256")
    refused(await suite.push_object(suite.signed(stranger)), "invalid_request_object")


async def test_fapi2_security_profile_final_ensure_unsigned_request_at_par_endpoint_fails(suite: MessageSuite) -> None:
    refused(await suite.push(), "invalid_request")


async def test_fapi2_security_profile_final_par_authorization_request_containing_request_uri(
    suite: MessageSuite,
) -> None:
    inside = suite.signed(request_uri="urn:ietf:params:oauth:request_uri:inside")
    refused(await suite.push_object(inside), "invalid_request_object")
    refused(await suite.push_object(suite.signed(), request_uri="urn:x"), "invalid_request")


async def test_fapi2_security_profile_final_ensure_different_nonce_inside_and_outside_request_object(
    both: MessageSuite,
) -> None:
    tokens = await succeeds(both, both.signed(nonce="inside"), nonce="outside")
    assert unverified_claims(str(tokens["id_token"]))["nonce"] == "inside"


async def test_fapi2_security_profile_final_ensure_different_state_inside_and_outside_request_object(
    both: MessageSuite,
) -> None:
    token = both.signed(state="inside")
    both.suite.state = "inside"
    await succeeds(both, token, state="outside")


async def test_fapi2_security_profile_final_state_only_outside_request_object_not_used(both: MessageSuite) -> None:
    token = both.signed(state=None)
    both.suite.state = None
    await succeeds(both, token, state="outside")


async def test_fapi2_security_profile_final_ensure_request_object_without_redirect_uri_fails(
    suite: MessageSuite,
) -> None:
    refused(await suite.push_object(suite.signed(redirect_uri=None), redirect_uri=CALLBACK), "invalid_request")


async def test_fapi2_security_profile_final_user_rejects_authentication(both: MessageSuite) -> None:
    response = await both.push_object(both.signed(scope="openid profile"))
    page = await both.suite.browser.sign_in(await both.open(response.json()["request_uri"]))
    page = await both.suite.browser.submit(page, "consent", decision="deny")
    answer = (await both.response(page)) if both.jarm else both.suite.error(page)
    assert (answer["error"], answer["state"]) == ("access_denied", both.suite.state)
    assert "code" not in answer


async def test_an_error_is_signed_when_an_answer_would_be(provider: Provider) -> None:
    suite = MessageSuite(provider, jarm=True)
    response = await suite.push_object(suite.signed(prompt="none"))
    answer = await suite.response(await suite.open(response.json()["request_uri"]))
    assert answer["error"] == "login_required"
    assert answer.keys() <= {"error", "error_description", "state", "session_state", "iss", "aud", "exp"}


@pytest.mark.parametrize("mode", ["query.jwt", "form_post.jwt", "fragment.jwt"])
async def test_every_signed_mode_carries_one_token_and_nothing_else(provider: Provider, mode: str) -> None:
    suite = MessageSuite(provider)
    response = await suite.push_object(suite.signed(response_mode=mode))
    page = await suite.suite.interact(await suite.open(response.json()["request_uri"]))
    assert page.answer.keys() == {"response"}
    assert unverified_claims(page.answer["response"])["state"] == suite.suite.state


async def test_details_are_signed_with_the_request_and_echoed(both: MessageSuite) -> None:
    tokens = await succeeds(both, both.signed(authorization_details=[PAYMENT]))
    assert tokens["authorization_details"] == [PAYMENT]
    assert unverified_claims(str(tokens["access_token"]))["authorization_details"] == [PAYMENT]


async def test_a_detail_that_is_not_as_its_type_says_is_refused_when_it_is_pushed(suite: MessageSuite) -> None:
    more = json.loads(json.dumps(PAYMENT)) | {"extra": True}
    refused(await suite.push_object(suite.signed(authorization_details=[more])), "invalid_authorization_details")
