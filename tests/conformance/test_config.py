"""The OpenID Foundation's Config OP plan."""

import re
from urllib.parse import urlsplit

import pytest

from tests.conformance.suite import Suite
from tests.flows.provider import ISSUER

REGISTERED_PREFIXES = ("id_token", "userinfo", "introspection", "authorization", "request_object")
# The IANA registry of authorization server metadata, OpenID Connect Discovery, CIBA, and the logout specifications.
REGISTERED = {
    *("issuer", "jwks_uri", "signed_metadata", "mtls_endpoint_aliases", "protected_resources"),
    *("service_documentation", "op_policy_uri", "op_tos_uri"),
    *("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "registration_endpoint"),
    *("introspection_endpoint", "revocation_endpoint", "end_session_endpoint", "check_session_iframe"),
    *("pushed_authorization_request_endpoint", "device_authorization_endpoint", "backchannel_authentication_endpoint"),
    *(
        f"{endpoint}_auth_{kind}_supported"
        for endpoint in ("token_endpoint", "revocation_endpoint", "introspection_endpoint")
        for kind in ("methods", "signing_alg_values")
    ),
    *(
        f"{answer}_{kind}_values_supported"
        for answer in REGISTERED_PREFIXES
        for kind in ("signing_alg", "encryption_alg", "encryption_enc")
    ),
    # OpenID Connect Authority claims extension (draft).
    *("authority_claims_supported", "authority_permissions_supported", "authority_granted_methods_supported"),
    *("scopes_supported", "claims_supported", "claim_types_supported", "claims_locales_supported"),
    *("claims_parameter_supported", "acr_values_supported", "prompt_values_supported", "display_values_supported"),
    *("ui_locales_supported", "subject_types_supported", "authorization_details_types_supported"),
    *("response_types_supported", "response_modes_supported", "grant_types_supported"),
    *("code_challenge_methods_supported", "authorization_response_iss_parameter_supported"),
    *("request_parameter_supported", "request_uri_parameter_supported", "require_request_uri_registration"),
    *("require_pushed_authorization_requests", "require_signed_request_object"),
    *("tls_client_certificate_bound_access_tokens", "dpop_signing_alg_values_supported"),
    *("backchannel_token_delivery_modes_supported", "backchannel_user_code_parameter_supported"),
    "backchannel_authentication_request_signing_alg_values_supported",
    *("backchannel_logout_supported", "backchannel_logout_session_supported"),
    *("frontchannel_logout_supported", "frontchannel_logout_session_supported"),
    # OpenID Connect for Identity Assurance 1.0 section 9, which the suite is known to warn about.
    *("verified_claims_supported", "trust_frameworks_supported", "claims_in_verified_claims_supported"),
    *("evidence_supported", "documents_supported", "electronic_records_supported"),
    "documents_check_methods_supported",
    # OpenID Attachments 1.0 section 9.
    *("attachments_supported", "digest_algorithms_supported"),
}
REQUIRED = {
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
    "response_types_supported",
    "subject_types_supported",
    "id_token_signing_alg_values_supported",
    "scopes_supported",
    "claims_supported",
}
PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


async def test_oidcc_discovery_endpoint_verification(suite: Suite) -> None:
    response = await suite.browser.http.get("/.well-known/openid-configuration")
    metadata = response.json()

    assert response.status_code == 200
    assert response.headers["content-type"].startswith("application/json")
    assert metadata["issuer"] == ISSUER
    assert metadata.keys() >= REQUIRED
    assert metadata.keys() <= REGISTERED
    assert not [name for name, value in metadata.items() if value in (None, "", [])]
    assert "RS256" in metadata["id_token_signing_alg_values_supported"]
    assert "none" not in metadata["id_token_signing_alg_values_supported"]
    assert "openid" in metadata["scopes_supported"]
    assert metadata["response_types_supported"] == ["code"]
    assert {"query", "form_post"} <= set(metadata["response_modes_supported"])
    assert {"client_secret_basic", "client_secret_post"} <= set(metadata["token_endpoint_auth_methods_supported"])
    assert metadata["request_parameter_supported"] is True
    assert "RS256" in metadata["request_object_signing_alg_values_supported"]
    assert "none" not in metadata["request_object_signing_alg_values_supported"]
    assert metadata["request_uri_parameter_supported"] is True
    assert metadata["require_request_uri_registration"] is True
    for name, value in metadata.items():
        if name.endswith(("_endpoint", "_uri")):
            assert urlsplit(value).netloc == urlsplit(ISSUER).netloc
    for tag in metadata["ui_locales_supported"]:
        assert re.fullmatch(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?", tag)


async def test_the_keys_are_public_and_each_has_a_name_of_its_own(suite: Suite) -> None:
    response = await suite.browser.http.get("/jwks")
    keys = response.json()["keys"]

    assert len({key["kid"] for key in keys}) == len(keys)
    assert {key["kty"] for key in keys} <= {"RSA", "EC", "OKP"}
    assert not any(PRIVATE & key.keys() for key in keys)
    assert all(key["alg"] for key in keys if key["use"] == "sig")
    assert {key["use"] for key in keys} == {"sig", "enc"}


async def test_both_addresses_give_the_same_metadata(suite: Suite) -> None:
    openid = await suite.browser.http.get("/.well-known/openid-configuration")
    oauth = await suite.browser.http.get("/.well-known/oauth-authorization-server")

    assert openid.json() == oauth.json()


async def test_every_endpoint_named_is_there(suite: Suite) -> None:
    metadata = (await suite.browser.http.get("/.well-known/openid-configuration")).json()

    for name, value in metadata.items():
        if name.endswith(("_endpoint", "_uri")):
            assert (await suite.browser.http.post(value)).status_code != 404


@pytest.mark.parametrize(("name", "said"), [("op_policy_uri", "What services learn"), ("op_tos_uri", "For services")])
async def test_policy_and_terms_are_pages_that_whoever_registers_a_client_can_read(
    suite: Suite, name: str, said: str
) -> None:
    metadata = (await suite.browser.http.get("/.well-known/openid-configuration")).json()

    page = await suite.browser.http.get(metadata[name], headers={"accept-language": "en"})

    assert page.status_code == 200
    assert said in page.text


async def test_what_the_metadata_promises_about_scopes_and_claims_is_known(suite: Suite) -> None:
    metadata = (await suite.browser.http.get("/.well-known/openid-configuration")).json()

    claims = await suite.claims(await suite.sign_in(scope="openid profile email phone address"))

    assert claims.keys() <= set(metadata["claims_supported"])
    assert {"profile", "email", "phone", "address", "offline_access"} <= set(metadata["scopes_supported"])
