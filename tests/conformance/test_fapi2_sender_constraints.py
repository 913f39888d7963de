"""Modules of the FAPI 2.0 Security Profile plan on client authentication, sender constraints and tokens, by name.

The happy flow runs in each of the plan's variants: private_key_jwt and mutual TLS, DPoP and mutual TLS.
"""

from typing import Any

import pytest

from tests.conformance.fapi_suite import (
    MUTUAL,
    SIGNER,
    SIGNING,
    SIGNING_SECOND,
    FapiClient,
    FapiSuite,
    refused,
    refused_at_resource,
)
from tests.flows.provider import ISSUER, Provider, unverified_claims
from tests.protocol.client_signer import ClientSigner
from tests.protocol.prover import Prover


async def test_fapi2_security_profile_final_discovery_end_point_verification(fapi: FapiSuite) -> None:
    metadata = (await fapi.suite.browser.http.get("/.well-known/openid-configuration")).json()
    assert metadata["issuer"] == ISSUER
    assert {"private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth"} <= set(
        metadata["token_endpoint_auth_methods_supported"]
    )
    assert {"PS256", "ES256", "EdDSA"} <= set(metadata["token_endpoint_auth_signing_alg_values_supported"])
    assert set(metadata["dpop_signing_alg_values_supported"]) == {"PS256", "ES256", "EdDSA", "Ed25519"}
    assert metadata["tls_client_certificate_bound_access_tokens"] is True
    assert metadata["authorization_response_iss_parameter_supported"] is True
    assert metadata["code_challenge_methods_supported"] == ["S256"]
    assert metadata["pushed_authorization_request_endpoint"] == f"{ISSUER}/par"


@pytest.mark.parametrize("dpop", [True, False], ids=["dpop", "mtls"])
@pytest.mark.parametrize("client", [SIGNING, MUTUAL], ids=["private_key_jwt", "mutual tls"])
async def test_fapi2_security_profile_final_happy_flow(
    fapi_provider: Provider, client: FapiClient, *, dpop: bool
) -> None:
    fapi = FapiSuite(fapi_provider, client, dpop=dpop)
    tokens = await fapi.sign_in()
    answer = await fapi.userinfo(tokens["access_token"])
    assert answer.status_code == 200
    assert answer.json()["sub"] == unverified_claims(tokens["id_token"])["sub"]


async def test_fapi2_security_profile_final_access_token_type_header_case_sensitivity(fapi_provider: Provider) -> None:
    for dpop, schemes in ((True, ("dpop", "DPOP", "DpOp")), (False, ("bearer", "BEARER"))):
        fapi = FapiSuite(fapi_provider, dpop=dpop)
        token = (await fapi.sign_in())["access_token"]
        for scheme in schemes:
            assert (await fapi.userinfo(token, scheme=scheme)).status_code == 200


async def test_fapi2_security_profile_final_check_dpop_proof_nbf_exp(fapi: FapiSuite) -> None:
    good: dict[str, Any] = {"nbf": fapi.now, "exp": fapi.now + 60}
    tokens = fapi.checked(await fapi.redeem(await fapi.code(), **good))
    assert (await fapi.userinfo(tokens["access_token"], **good)).status_code == 200
    cases: list[dict[str, Any]] = [{"exp": fapi.now - 60}, {"nbf": fapi.now + 60}]
    for bad in cases:
        refused_at_resource(await fapi.userinfo(tokens["access_token"], **bad), "invalid_dpop_proof")


async def test_fapi2_security_profile_final_ensure_dpopproof_with_iat_10seconds_before_succeeds(
    fapi: FapiSuite,
) -> None:
    tokens = fapi.checked(await fapi.redeem(await fapi.code(), iat=fapi.now - 10))
    assert (await fapi.userinfo(tokens["access_token"], iat=fapi.now - 10)).status_code == 200


async def test_fapi2_security_profile_final_ensure_dpopproof_with_iat_10seconds_after_succeeds(
    fapi: FapiSuite,
) -> None:
    tokens = fapi.checked(await fapi.redeem(await fapi.code(), iat=fapi.now + 10))
    assert (await fapi.userinfo(tokens["access_token"], iat=fapi.now + 10)).status_code == 200


async def test_fapi2_security_profile_final_ensure_mismatched_dpop_jkt_fails(fapi: FapiSuite) -> None:
    refused(await fapi.push(prove=True, dpop_jkt=Prover().thumbprint), "invalid_request", "invalid_dpop_proof")


async def test_fapi2_security_profile_final_ensure_token_endpoint_fails_with_mismatched_dpop_proof_jkt(
    fapi: FapiSuite,
) -> None:
    code = await fapi.code(prove=True)
    refused(await fapi.redeem(code, prover=Prover()), "invalid_grant", "invalid_dpop_proof")


async def test_fapi2_security_profile_final_ensure_token_endpoint_fails_with_mismatched_dpop_jkt(
    fapi: FapiSuite,
) -> None:
    code = await fapi.code(dpop_jkt=Prover().thumbprint)
    refused(await fapi.redeem(code), "invalid_grant", "invalid_dpop_proof")


async def test_fapi2_security_profile_final_ensure_dpopproof_at_par_endpoint_binding_success(fapi: FapiSuite) -> None:
    fapi.checked(await fapi.redeem(await fapi.code(prove=True)))


async def test_fapi2_security_profile_final_ensure_dpop_auth_code_binding_success(fapi: FapiSuite) -> None:
    fapi.checked(await fapi.redeem(await fapi.code(dpop_jkt=fapi.prover.thumbprint)))
    both = await fapi.code(prove=True, dpop_jkt=fapi.prover.thumbprint)
    fapi.checked(await fapi.redeem(both))


async def test_fapi2_security_profile_final_dpop_negative_tests(fapi: FapiSuite) -> None:
    token = (await fapi.sign_in())["access_token"]
    assert (await fapi.userinfo(token)).status_code == 200
    symmetric = Prover(algorithm="HS256", secret="s" * 32)
    cases: list[dict[str, Any]] = [
        {"htm": "POST"},
        {"htm": None},
        {"htu": f"{ISSUER}/token"},
        {"htu": None},
        {"iat": None},
        {"iat": fapi.now - 300},
        {"iat": fapi.now + 300},
        {"jti": None},
        {"ath": None},
        {"ath": "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"},
        {"header": {"typ": "JWT"}},
        {"header": {"typ": None}},
        {"header": {"jwk": None}},
        {"header": {"jwk": fapi.prover.key.as_dict(private=True)}},
        {"header": {"alg": "none"}},
        {"header": {"alg": "RS256"}},
        {"prover": symmetric, "header": {"jwk": symmetric.key.as_dict(private=True)}},
        {"prover": Prover(algorithm="RS256")},
    ]
    for case in cases:
        refused_at_resource(await fapi.userinfo(token, **case), "invalid_dpop_proof")
    refused_at_resource(await fapi.userinfo(token, prover=Prover()), "invalid_token")
    refused_at_resource(await fapi.userinfo(token, scheme="Bearer"), "invalid_token")
    # A proof is good once, whatever it is shown for.
    assert (await fapi.userinfo(token, jti="once")).status_code == 200
    refused_at_resource(await fapi.userinfo(token, jti="once"), "invalid_dpop_proof")
    # `htu` is compared without query and fragment, whatever its case and port.
    for target in (f"{ISSUER}/userinfo?a=b#c", "HTTP://LOCALHOST:8000/userinfo", f"{ISSUER}/./userinfo"):
        assert (await fapi.userinfo(token, htu=target)).status_code == 200
    in_query = await fapi.suite.browser.http.get("/userinfo", params={"access_token": token})
    assert (in_query.status_code, in_query.json()["error"]) == (400, "invalid_request")
    two = await fapi.suite.browser.http.get(
        "/userinfo",
        headers=[("authorization", f"DPoP {token}"), *[("dpop", fapi.prover.proof(fapi.now)) for _ in range(2)]],
    )
    refused_at_resource(two, "invalid_dpop_proof")


async def test_fapi2_security_profile_final_ensure_client_id_in_token_endpoint(fapi: FapiSuite) -> None:
    code = await fapi.code()
    refused(await fapi.redeem(code, fields={"client_id": SIGNING_SECOND.client_id}), "invalid_client", status=401)
    fapi.checked(await fapi.redeem(code))


@pytest.mark.parametrize("client", [SIGNING, MUTUAL], ids=["private_key_jwt", "mutual tls"])
async def test_fapi2_security_profile_final_ensure_holder_of_key_required(
    fapi_provider: Provider, client: FapiClient
) -> None:
    fapi = FapiSuite(fapi_provider, client)
    code = await fapi.code()
    if client is MUTUAL:
        # Neither a certificate nor a proof: then it is not even known who asks.
        response = await fapi.suite.browser.http.post("/token", data={"client_id": client.client_id, "code": code})
        refused(response, "invalid_client", status=401)
    else:
        refused(await fapi.redeem(code, prove=False), "invalid_request", "invalid_dpop_proof")
    bound = FapiSuite(fapi_provider, client, dpop=False)
    token = (await bound.sign_in())["access_token"]
    plain = await bound.suite.browser.http.get("/userinfo", headers={"authorization": f"Bearer {token}"})
    refused_at_resource(plain, "invalid_token", "Bearer")


async def test_fapi2_security_profile_final_ensure_authorization_code_is_bound_to_client(fapi: FapiSuite) -> None:
    code = await fapi.code()
    second = FapiSuite(fapi.provider, SIGNING_SECOND)
    refused(await second.redeem(code), "invalid_grant")


async def test_fapi2_security_profile_final_attempt_reuse_authorization_code_after_one_second(fapi: FapiSuite) -> None:
    code = await fapi.code()
    tokens = fapi.checked(await fapi.redeem(code))
    fapi.provider.clock.advance(1)
    refused(await fapi.redeem(code), "invalid_grant")
    refused_at_resource(await fapi.userinfo(tokens["access_token"]), "invalid_token")
    refused(await fapi.refresh(tokens["refresh_token"]), "invalid_grant")


async def test_fapi2_security_profile_final_ensure_token_endpoint_fails_with_expired_auth_code(
    fapi: FapiSuite,
) -> None:
    code = await fapi.code()
    fapi.provider.clock.advance(61)
    refused(await fapi.redeem(code), "invalid_grant")


async def test_fapi2_security_profile_final_refresh_token(fapi: FapiSuite) -> None:
    tokens = await fapi.sign_in(scope="openid offline_access")
    first = unverified_claims(tokens["id_token"])
    for _ in range(2):
        again = fapi.checked(await fapi.refresh(tokens["refresh_token"]))
        assert "refresh_token" not in again
        claims = unverified_claims(again["id_token"])
        assert {name: claims[name] for name in ("iss", "sub", "aud", "auth_time")} == {
            name: first[name] for name in ("iss", "sub", "aud", "auth_time")
        }
        assert (await fapi.userinfo(again["access_token"])).status_code == 200
    # Bound to the client, and not to the proof key.
    other = Prover()
    bound = unverified_claims((await fapi.refresh(tokens["refresh_token"], prover=other)).json()["access_token"])
    assert bound["cnf"] == {"jkt": other.thumbprint}
    second = FapiSuite(fapi.provider, SIGNING_SECOND)
    refused(await second.refresh(tokens["refresh_token"]), "invalid_grant")


async def test_fapi2_security_profile_final_ensure_signed_client_assertion_with_rs256_fails(fapi: FapiSuite) -> None:
    signer = ClientSigner("sig", "RS256")
    signer.key = SIGNER.key
    await _fails_everywhere(fapi, fapi.assertion(signer), fapi.assertion(signer))


async def test_fapi2_security_profile_final_ensure_client_assertion_in_token_endpoint(fapi: FapiSuite) -> None:
    code = await fapi.code()
    without: dict[str, str | None] = {"client_assertion": None, "client_assertion_type": None}
    refused(await fapi.redeem(code, fields=without), "invalid_client", status=401)


async def test_fapi2_security_profile_final_ensure_client_assertion_with_exp_is_5_minutes_in_past_fails(
    fapi: FapiSuite,
) -> None:
    await _fails_everywhere(fapi, *(fapi.assertion(exp=fapi.now - 300) for _ in range(2)))


async def test_fapi2_security_profile_final_ensure_client_assertion_with_wrong_aud_fails(fapi: FapiSuite) -> None:
    await _fails_everywhere(fapi, *(fapi.assertion(aud="https://other.example") for _ in range(2)))


async def test_fapi2_security_profile_final_ensure_client_assertion_with_no_sub_fails(fapi: FapiSuite) -> None:
    await _fails_everywhere(fapi, *(fapi.assertion(sub=None) for _ in range(2)))


async def test_fapi2_security_profile_final_ensure_invalid_client_assertions_fail(fapi: FapiSuite) -> None:
    stranger = ClientSigner("sig", "PS256")
    cases: list[dict[str, Any]] = [
        {"exp": None},
        {"exp": fapi.now - 300},
        {"nbf": fapi.now + 300},
        {"iat": fapi.now + 300},
        {"aud": None},
        {"aud": "https://other.example"},
        {"sub": None},
        {"sub": SIGNING_SECOND.client_id},
        {"iss": None},
        {"iss": "https://other.example"},
        {"jti": None},
        {"signer": stranger},
    ]
    for case in cases:
        await _fails_everywhere(fapi, fapi.assertion(**case), fapi.assertion(**case))
    once = fapi.assertion()
    assert (await fapi.push(**once)).status_code == 201
    await _fails_everywhere(fapi, once, once)


async def test_fapi2_security_profile_final_par_ensure_jwt_client_assertions_nbf_8_seconds_in_the_future_is_accepted(
    fapi: FapiSuite,
) -> None:
    assert (await fapi.push(**fapi.assertion(nbf=fapi.now + 8))).status_code == 201


async def test_fapi2_security_profile_final_par_ensure_jwt_client_assertions_nbf_over_60_seconds_in_the_future_fails(
    fapi: FapiSuite,
) -> None:
    refused(await fapi.push(**fapi.assertion(nbf=fapi.now + 61)), "invalid_client", status=401)


async def test_fapi2_security_profile_final_par_test_array_as_audience_fails(fapi: FapiSuite) -> None:
    for audience in ([ISSUER], [ISSUER, f"{ISSUER}/par"]):
        refused(await fapi.push(**fapi.assertion(aud=audience)), "invalid_client", status=401)


async def test_fapi2_security_profile_final_par_test_par_endpoint_url_as_audience_fails(fapi: FapiSuite) -> None:
    refused(await fapi.push(**fapi.assertion(aud=f"{ISSUER}/par")), "invalid_client", status=401)


async def test_fapi2_security_profile_final_par_test_token_endpoint_url_as_audience_fails(fapi: FapiSuite) -> None:
    refused(await fapi.push(**fapi.assertion(aud=f"{ISSUER}/token")), "invalid_client", status=401)


async def test_fapi2_security_profile_final_ensure_pkce_code_verifier_required(fapi: FapiSuite) -> None:
    refused(await fapi.redeem(await fapi.code(), fields={"code_verifier": None}), "invalid_grant", "invalid_request")


async def test_fapi2_security_profile_final_incorrect_pkce_code_verifier_rejected(fapi: FapiSuite) -> None:
    refused(await fapi.redeem(await fapi.code(), fields={"code_verifier": "x" * 43}), "invalid_grant")


async def _fails_everywhere(fapi: FapiSuite, at_par: dict[str, Any], at_token: dict[str, Any]) -> None:
    """Check that an assertion is refused at the pushed request and at the token endpoint."""
    refused(await fapi.push(**at_par), "invalid_client", status=401)
    refused(await fapi.redeem("any", fields=at_token), "invalid_client", status=401)
