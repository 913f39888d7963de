"""The modules of the OpenID Foundation's Hybrid OP plan, each under its own name, for each response type.

What a module does beyond the response type is what it does in the Basic plan.
"""

import pytest

from tests.conformance.front_channel_suite import FrontChannelSuite
from tests.conformance.test_basic import (  # noqa: F401 - pytest finds them here
    test_oidcc_claims_essential,
    test_oidcc_claims_locales,
    test_oidcc_codereuse,
    test_oidcc_codereuse_30seconds,
    test_oidcc_display_page,
    test_oidcc_display_popup,
    test_oidcc_ensure_other_scope_order_succeeds,
    test_oidcc_ensure_registered_redirect_uri,
    test_oidcc_ensure_request_object_with_redirect_uri,
    test_oidcc_ensure_request_with_acr_values_succeeds,
    test_oidcc_ensure_request_with_unknown_parameter_succeeds,
    test_oidcc_ensure_request_with_valid_pkce_succeeds,
    test_oidcc_id_token_hint,
    test_oidcc_idtoken_signature,
    test_oidcc_login_hint,
    test_oidcc_max_age_1,
    test_oidcc_max_age_10000,
    test_oidcc_prompt_login,
    test_oidcc_prompt_none_logged_in,
    test_oidcc_prompt_none_not_logged_in,
    test_oidcc_refresh_token,
    test_oidcc_response_type_missing,
    test_oidcc_scope_address,
    test_oidcc_scope_all,
    test_oidcc_scope_email,
    test_oidcc_scope_phone,
    test_oidcc_scope_profile,
    test_oidcc_server_client_secret_post,
    test_oidcc_ui_locales,
    test_oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported,
    test_oidcc_userinfo_get,
    test_oidcc_userinfo_post_body,
    test_oidcc_userinfo_post_header,
)
from tests.flows.provider import Provider


@pytest.fixture(params=["code id_token", "code token", "code id_token token"])
def suite(request: pytest.FixtureRequest, legacy_provider: Provider) -> FrontChannelSuite:
    return FrontChannelSuite(legacy_provider, response_type=request.param)


async def test_oidcc_server(suite: FrontChannelSuite) -> None:
    signed_in = await suite.sign_in()

    assert signed_in.asked_to_sign_in
    assert "sub" in await suite.claims(signed_in)


async def test_oidcc_ensure_request_without_nonce_fails(suite: FrontChannelSuite) -> None:
    if "id_token" not in suite.words:
        pytest.skip("the suite leaves code token out: no ID token comes through the browser")
    assert suite.error(await suite.request(nonce=None))["error"] == "invalid_request"


async def test_oidcc_ensure_request_without_nonce_succeeds_for_code_flow(suite: FrontChannelSuite) -> None:
    if "id_token" in suite.words:
        pytest.skip("the suite runs it for code token alone")
    assert "nonce" not in (await suite.sign_in(nonce=None)).id_token


async def test_oidcc_alternate_happy_flow(suite: FrontChannelSuite) -> None:
    suite.response_mode = "form_post"
    parameters = dict(reversed(suite.parameters(scope="email openid").items()))

    signed_in = await suite.sign_in(await suite.browser.get("/authorize", **parameters))

    assert "email" in await suite.claims(signed_in)


async def test_oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(
    suite: FrontChannelSuite,
) -> None:
    page = await suite.request(request_uri="https://suite.example/request.jwt")

    assert suite.error(page)["error"] == "request_uri_not_supported"


async def test_tokens_never_go_into_the_query(suite: FrontChannelSuite) -> None:
    assert suite.error(await suite.request(response_mode="query"))["error"] == "invalid_request"


async def test_the_metadata_lists_what_is_on(suite: FrontChannelSuite) -> None:
    metadata = (await suite.browser.http.get("/.well-known/openid-configuration")).json()
    assert suite.response_type in metadata["response_types_supported"]
    assert "implicit" in metadata["grant_types_supported"]
