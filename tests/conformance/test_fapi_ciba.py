"""The modules of the OpenID Foundation's FAPI-CIBA plan, polling by private_key_jwt and pinged by mutual TLS."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from idp.ports.clock import CLOCK_TOLERANCE
from tests.conformance.ciba_suite import (
    GRANT,
    PERSON_RECORD,
    CibaSuite,
    NotificationEndpoint,
    Registration,
    error_of,
    registration,
)
from tests.conformance.suite import unsigned
from tests.flows.logout_receiver import background_jobs
from tests.flows.provider import ISSUER, prepare, running_provider, unverified_claims
from tests.protocol.certificates import START, self_signed
from tests.protocol.client_signer import ClientSigner

POLL = "poll-private_key_jwt"
PING = "ping-self_signed_tls_client_auth"
VARIANTS = (POLL, PING, "poll-self_signed_tls_client_auth", "ping-private_key_jwt")
every_variant = pytest.mark.parametrize("variant", VARIANTS, indirect=True)
poll = pytest.mark.parametrize("variant", [POLL], indirect=True)
ping = pytest.mark.parametrize("variant", [PING], indirect=True)
by_certificate = ping
by_assertion = poll
MINUTE = 60


@pytest.fixture(scope="session")
def registrations() -> dict[str, tuple[Registration, Registration]]:
    """The plan's two clients of each variant, by its name."""
    made = {}
    for variant in VARIANTS:
        mode, _, authentication = variant.partition("-")
        made[variant] = (
            registration(f"ciba-{mode}", mode, authentication),
            registration(f"ciba-{mode}-2", mode, authentication),
        )
    return made


@pytest.fixture(params=[POLL, PING])
def variant(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def suite(
    variant: str, registrations: dict[str, tuple[Registration, Registration]], tmp_path: Path
) -> AsyncIterator[CibaSuite]:
    endpoint = NotificationEndpoint()
    server = await asyncio.start_server(endpoint.answer, "127.0.0.1", 0)
    address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    records = "".join(each.record(f"http://{address}/ciba-notification") for each in registrations[variant])
    async with server:
        await prepare(tmp_path, PERSON_RECORD + records)
        async with running_provider(tmp_path, outbound_allow=address, trusted_proxies="127.0.0.1") as provider:
            provider.clock.at = START
            # A store that has just begun to remember refuses what was issued before it did.
            await provider.stores.short_lived.remembers_since(provider.clock.now())
            provider.clock.advance(2 * CLOCK_TOLERANCE + 1)
            yield CibaSuite(provider, *registrations[variant], endpoint)


async def told(suite: CibaSuite, messages: int = 1) -> None:
    """Let the provider's own jobs run until the client was told, or ought to have been."""
    async with background_jobs(suite.provider.app):
        for _ in range(messages):
            await asyncio.wait_for(suite.endpoint.received.get(), timeout=10)


async def test_fapi_ciba_id1_discovery_end_point_verification(suite: CibaSuite) -> None:
    document = (await suite.browser.http.get("/.well-known/openid-configuration")).json()

    assert document["backchannel_authentication_endpoint"] == f"{ISSUER}/bc-authorize"
    assert {"poll", "ping"} <= set(document["backchannel_token_delivery_modes_supported"])
    assert {"PS256", "ES256"} <= set(document["backchannel_authentication_request_signing_alg_values_supported"])
    assert document["backchannel_user_code_parameter_supported"] is False
    assert GRANT in document["grant_types_supported"]


@every_variant
async def test_fapi_ciba_id1(suite: CibaSuite) -> None:
    answer = await suite.asked()
    assert error_of(await suite.poll(answer["auth_req_id"])) == "authorization_pending"
    done = await suite.decide()
    assert "You allowed" in done.text or "cho phép" in done.text
    if suite.client.mode == "ping":
        await told(suite)
        headers, body = suite.endpoint.told[0]
        assert body == {"auth_req_id": answer["auth_req_id"]}
        assert headers["authorization"] == f"Bearer {suite.notification_token}"
        assert headers["content-type"] == "application/json"
    else:
        suite.provider.clock.advance(5)

    response = await suite.poll(answer["auth_req_id"])

    assert response.status_code == 200, response.text
    tokens = response.json()
    claims = unverified_claims(tokens["id_token"])
    assert claims["iss"] == ISSUER
    assert claims["aud"] == suite.client.client_id
    assert claims["acr"] == "urn:vn:loa:2"
    assert "nonce" not in claims
    answered = await suite.userinfo(tokens["access_token"], certificate=suite.client.identity)
    assert answered.json()["sub"] == claims["sub"]


@every_variant
async def test_fapi_ciba_id1_user_rejects_authentication(suite: CibaSuite) -> None:
    answer = await suite.asked()
    await suite.decide("deny")
    if suite.client.mode == "ping":
        await told(suite)

    assert error_of(await suite.poll(answer["auth_req_id"])) == "access_denied"


async def test_fapi_ciba_id1_multiple_call_to_token_endpoint(suite: CibaSuite) -> None:
    answer = await suite.asked()
    errors = [error_of(await suite.poll(answer["auth_req_id"])) for _ in range(4)]

    assert errors == ["authorization_pending", "slow_down", "slow_down", "slow_down"]


async def test_fapi_ciba_id1_auth_req_id_expired(suite: CibaSuite) -> None:
    answer = await suite.asked(requested_expiry=30)
    assert answer["expires_in"] == 30
    suite.provider.clock.advance(31)

    assert error_of(await suite.poll(answer["auth_req_id"])) == "expired_token"


async def test_fapi_ciba_id1_ensure_authorization_request_with_binding_message_succeeds(suite: CibaSuite) -> None:
    answer = await suite.asked(binding_message="1234")
    page = await suite.question()
    assert "1234" in page.text
    await suite.browser.submit(page, "approval", decision="allow")

    assert (await suite.poll(answer["auth_req_id"])).status_code == 200


async def test_fapi_ciba_id1_ensure_other_scope_order_succeeds(suite: CibaSuite) -> None:
    answer = await suite.asked(scope="profile openid")
    await suite.decide()

    assert (await suite.poll(answer["auth_req_id"])).status_code == 200


async def test_fapi_ciba_id1_ensure_requested_expiry_as_string_succeeds(suite: CibaSuite) -> None:
    answer = await suite.asked(requested_expiry="120")
    assert answer["expires_in"] == 120
    await suite.decide()

    assert (await suite.poll(answer["auth_req_id"])).status_code == 200


@pytest.mark.parametrize("message", ["1234 \u00a9 日本語 ümläut — Đồng ý?", "x" * 1000, "line\nbreak"])
async def test_fapi_ciba_id1_ensure_authorization_request_with_potentially_bad_binding_message(
    suite: CibaSuite, message: str
) -> None:
    if message.isprintable() and len(message) <= 200:
        await suite.asked(binding_message=message)
        assert message in (await suite.question()).text
    else:
        assert await suite.refused(binding_message=message) == "invalid_binding_message"


async def test_fapi_ciba_id1_ensure_request_object_missing_aud_fails(suite: CibaSuite) -> None:
    assert await suite.refused(aud=None) == "invalid_request"


async def test_fapi_ciba_id1_ensure_request_object_bad_aud_fails(suite: CibaSuite) -> None:
    assert await suite.refused(aud="https://server.example.com/invalid") == "invalid_request"


async def test_fapi_ciba_id1_ensure_request_object_missing_iss_fails(suite: CibaSuite) -> None:
    assert await suite.refused(iss=None) == "invalid_request"


async def test_fapi_ciba_id1_ensure_request_object_bad_iss_fails(suite: CibaSuite) -> None:
    assert await suite.refused(iss="somebody-else") == "invalid_request"


async def test_fapi_ciba_id1_ensure_request_object_missing_exp_fails(suite: CibaSuite) -> None:
    assert await suite.refused(exp=None) == "invalid_request"


async def test_fapi_ciba_id1_ensure_request_object_expired_exp_fails(suite: CibaSuite) -> None:
    now = suite.provider.clock.at
    assert await suite.refused(exp=now - 5 * MINUTE, nbf=now - 10 * MINUTE) == "invalid_request"


async def test_fapi_ciba_id1_ensure_request_object_exp_is_70_minutes_in_future_fails(suite: CibaSuite) -> None:
    assert await suite.refused(exp=suite.provider.clock.at + 70 * MINUTE) == "invalid_request"


async def test_fapi_ciba_id1_ensure_request_object_missing_iat_fails(suite: CibaSuite) -> None:
    assert await suite.refused(iat=None) == "invalid_request"


async def test_fapi_ciba_id1_ensure_request_object_missing_nbf_fails(suite: CibaSuite) -> None:
    assert await suite.refused(nbf=None) == "invalid_request"


async def test_fapi_ciba_id1_ensure_request_object_nbf_is_10_minutes_in_future_fails(suite: CibaSuite) -> None:
    now = suite.provider.clock.at
    assert await suite.refused(nbf=now + 10 * MINUTE, exp=now + 15 * MINUTE) == "invalid_request"


async def test_fapi_ciba_id1_ensure_request_object_nbf_is_70_minutes_in_past_fails(suite: CibaSuite) -> None:
    assert await suite.refused(nbf=suite.provider.clock.at - 70 * MINUTE) == "invalid_request"


async def test_fapi_ciba_id1_ensure_request_object_missing_jti_fails(suite: CibaSuite) -> None:
    assert await suite.refused(jti=None) == "invalid_request"


async def test_fapi_ciba_id1_ensure_request_object_signature_algorithm_is_none_fails(suite: CibaSuite) -> None:
    assert error_of(await suite.ask(unsigned(suite.claims()))) == "invalid_request"


async def test_fapi_ciba_id1_ensure_request_object_signature_algorithm_is_bad_fails(suite: CibaSuite) -> None:
    header, payload, signature = suite.client.signer.sign(suite.claims()).split(".")
    damaged = ("A" if signature[0] != "A" else "B") + signature[1:]
    assert error_of(await suite.ask(f"{header}.{payload}.{damaged}")) == "invalid_request"


async def test_fapi_ciba_id1_ensure_request_object_signature_algorithm_is_rs256_fails(suite: CibaSuite) -> None:
    weaker = ClientSigner(suite.client.signer.kid, "RS256")
    weaker.key = suite.client.signer.key
    assert error_of(await suite.ask(weaker.sign(suite.claims()))) == "invalid_request"


async def test_fapi_ciba_id1_ensure_request_object_signed_by_other_client_fails(suite: CibaSuite) -> None:
    assert error_of(await suite.ask(suite.other.signer.sign(suite.claims()))) == "invalid_request"


async def test_fapi_ciba_id1_ensure_authorization_request_with_multiple_hints_fails(suite: CibaSuite) -> None:
    assert await suite.refused(id_token_hint="a.b.c") == "invalid_request"
    assert await suite.refused(login_hint_token="a.b.c") == "invalid_request"


async def test_fapi_ciba_id1_ensure_wrong_auth_req_id_in_token_endpoint_request(suite: CibaSuite) -> None:
    answer = await suite.asked()
    await suite.decide()

    assert error_of(await suite.poll(answer["auth_req_id"] + "x")) == "invalid_grant"
    assert error_of(await suite.poll(answer["auth_req_id"], suite.other)) == "invalid_grant"


@by_certificate
async def test_fapi_ciba_id1_ensure_different_client_id_and_issuer_in_backchannel_authorization_request(
    suite: CibaSuite,
) -> None:
    signed = suite.other.signer.sign(suite.claims(iss=suite.other.client_id))
    response = await suite.post("/bc-authorize", {"request": signed, **suite.proof()})

    assert error_of(response) in {"invalid_request", "invalid_client"}


@by_certificate
async def test_fapi_ciba_id1_ensure_wrong_client_id_in_token_endpoint_request(suite: CibaSuite) -> None:
    answer = await suite.asked()
    await suite.decide()
    fields = {"grant_type": GRANT, "auth_req_id": answer["auth_req_id"], "client_id": suite.other.client_id}

    assert error_of(await suite.post("/token", fields)) in {"invalid_client", "invalid_grant"}


@by_certificate
async def test_fapi_ciba_id1_ensure_wrong_client_id_in_backchannel_authorization_request(suite: CibaSuite) -> None:
    fields = {"request": suite.client.signer.sign(suite.claims()), "client_id": suite.other.client_id}

    assert error_of(await suite.post("/bc-authorize", fields)) in {"invalid_client", "invalid_request"}


async def test_fapi_ciba_id1_ensure_mtls_holder_of_key_required(suite: CibaSuite) -> None:
    answer = await suite.asked()
    await suite.decide()
    tokens = (await suite.poll(answer["auth_req_id"])).json()

    assert "x5t#S256" in unverified_claims(tokens["access_token"])["cnf"]
    assert (await suite.userinfo(tokens["access_token"], certificate=None)).status_code == 401
    assert (await suite.userinfo(tokens["access_token"], certificate=self_signed())).status_code == 401
    assert (await suite.userinfo(tokens["access_token"], certificate=suite.client.identity)).status_code == 200


@by_assertion
async def test_fapi_ciba_id1_ensure_without_client_assertion_in_token_endpoint_request(suite: CibaSuite) -> None:
    answer = await suite.asked()
    fields = {"grant_type": GRANT, "auth_req_id": answer["auth_req_id"], "client_id": suite.client.client_id}

    assert error_of(await suite.post("/token", fields)) == "invalid_client"


@by_assertion
async def test_fapi_ciba_id1_ensure_without_client_assertion_in_backchannel_authorization_request(
    suite: CibaSuite,
) -> None:
    fields = {"request": suite.client.signer.sign(suite.claims())}

    assert error_of(await suite.post("/bc-authorize", fields)) == "invalid_client"


def weakly(suite: CibaSuite) -> dict[str, str]:
    """An assertion under the right key by RS256."""
    weaker = ClientSigner(suite.client.signer.kid, "RS256")
    weaker.key = suite.client.signer.key
    return suite.proof(replace(suite.client, signer=weaker))


@by_assertion
async def test_fapi_ciba_id1_ensure_client_assertion_signature_algorithm_in_backchannel_authorization_request_is_rs256_fails(  # noqa: E501 -- the name of the module
    suite: CibaSuite,
) -> None:
    fields = {"request": suite.client.signer.sign(suite.claims()), **weakly(suite)}

    assert error_of(await suite.post("/bc-authorize", fields)) == "invalid_client"


@by_assertion
async def test_fapi_ciba_id1_ensure_client_assertion_signature_algorithm_in_token_endpoint_request_is_rs256_fails(
    suite: CibaSuite,
) -> None:
    answer = await suite.asked()
    fields = {"grant_type": GRANT, "auth_req_id": answer["auth_req_id"], **weakly(suite)}

    assert error_of(await suite.post("/token", fields)) == "invalid_client"


@by_assertion
async def test_fapi_ciba_id1_ensure_client_assertion_with_iss_aud_to_token_endpoint_succeeds(suite: CibaSuite) -> None:
    answer = await suite.asked()
    await suite.decide()

    response = await suite.poll(answer["auth_req_id"], **suite.proof(aud=ISSUER))

    assert response.status_code == 200, response.text


@by_assertion
@pytest.mark.parametrize(
    "changes", [{"aud": "https://other.example"}, {"exp": 1}, {"sub": "other"}, {"iss": "other"}, {"jti": ""}]
)
async def test_fapi_ciba_id1_ensure_invalid_client_assertions_in_backchannel_authorization_request_fail(
    suite: CibaSuite, changes: dict[str, object]
) -> None:
    fields = {"request": suite.client.signer.sign(suite.claims()), **suite.proof(**changes)}

    assert error_of(await suite.post("/bc-authorize", fields)) == "invalid_client"


@ping
async def test_fapi_ciba_id1_ping_backchannel_notification_endpoint_response_has_body(suite: CibaSuite) -> None:
    suite.endpoint.answer_with = "200 OK"
    answer = await suite.asked()
    await suite.decide()
    await told(suite)

    assert (await suite.poll(answer["auth_req_id"])).status_code == 200


async def _is_told_once(suite: CibaSuite, answered: str) -> None:
    suite.endpoint.answer_with = answered
    answer = await suite.asked()
    await suite.decide()
    await told(suite)
    suite.provider.clock.advance(60)
    async with background_jobs(suite.provider.app):
        await asyncio.sleep(0)

    assert len(suite.endpoint.told) == 1
    names = [record.name async for record in suite.provider.stores.audit_log.records()]
    assert names.count("notification.abandoned") == 1
    assert (await suite.poll(answer["auth_req_id"])).status_code == 200


@ping
async def test_fapi_ciba_id1_ping_backchannel_notification_endpoint_response_401(suite: CibaSuite) -> None:
    await _is_told_once(suite, "401 Unauthorized")


@ping
async def test_fapi_ciba_id1_ping_backchannel_notification_endpoint_response_403(suite: CibaSuite) -> None:
    await _is_told_once(suite, "403 Forbidden")


@ping
async def test_fapi_ciba_id1_ping_with_mtls_ciba_notification_endpoint_response_401_and_require_server_does_not_retry(
    suite: CibaSuite,
) -> None:
    await _is_told_once(suite, "401 Unauthorized")


@ping
async def test_fapi_ciba_id1_ping_backchannel_notification_endpoint_return_redirect_request(suite: CibaSuite) -> None:
    await _is_told_once(suite, "301 Moved Permanently|location: /elsewhere\r\n")


async def test_fapi_ciba_id1_ensure_unsigned_backchannel_authorization_request_fails(suite: CibaSuite) -> None:
    claims = suite.claims()
    fields = {name: str(claims[name]) for name in ("scope", "login_hint", "binding_message")}
    if suite.client.mode == "ping":
        fields["client_notification_token"] = suite.notification_token

    assert error_of(await suite.post("/bc-authorize", {**fields, **suite.proof()})) == "invalid_request"


async def test_fapi_ciba_id1_refresh_token(suite: CibaSuite) -> None:
    answer = await suite.asked(scope="openid profile offline_access")
    await suite.decide()
    tokens = (await suite.poll(answer["auth_req_id"])).json()
    fields = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}

    refused = await suite.post("/token", {**fields, **suite.proof(suite.other)}, suite.other)
    assert error_of(refused) == "invalid_grant"
    refreshed = await suite.post("/token", {**fields, **suite.proof()})
    assert refreshed.status_code == 200, refreshed.text
    answered = await suite.userinfo(refreshed.json()["access_token"], certificate=suite.client.identity)
    assert answered.status_code == 200
