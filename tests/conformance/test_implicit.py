"""The modules of the OpenID Foundation's Implicit OP plan, each under its own name, for each response type.

What a module does beyond the response type is what it does in the Basic plan, or in the Hybrid plan.
"""

import pytest

from tests.conformance import test_basic as basic
from tests.conformance.front_channel_suite import FrontChannelSuite
from tests.conformance.test_basic import (  # noqa: F401 - pytest finds them here
    test_oidcc_claims_locales,
    test_oidcc_display_page,
    test_oidcc_display_popup,
    test_oidcc_ensure_other_scope_order_succeeds,
    test_oidcc_ensure_registered_redirect_uri,
    test_oidcc_ensure_request_object_with_redirect_uri,
    test_oidcc_ensure_request_with_acr_values_succeeds,
    test_oidcc_ensure_request_with_unknown_parameter_succeeds,
    test_oidcc_id_token_hint,
    test_oidcc_idtoken_signature,
    test_oidcc_login_hint,
    test_oidcc_max_age_1,
    test_oidcc_max_age_10000,
    test_oidcc_prompt_login,
    test_oidcc_prompt_none_logged_in,
    test_oidcc_prompt_none_not_logged_in,
    test_oidcc_response_type_missing,
    test_oidcc_scope_address,
    test_oidcc_scope_all,
    test_oidcc_scope_email,
    test_oidcc_scope_phone,
    test_oidcc_scope_profile,
    test_oidcc_ui_locales,
    test_oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported,
)
from tests.conformance.test_hybrid import (  # noqa: F401 - pytest finds them here
    test_oidcc_alternate_happy_flow,
    test_oidcc_ensure_request_without_nonce_fails,
    test_oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported,
    test_oidcc_server,
    test_the_metadata_lists_what_is_on,
    test_tokens_never_go_into_the_query,
)
from tests.flows.provider import Provider


@pytest.fixture(params=["id_token", "id_token token"])
def suite(request: pytest.FixtureRequest, legacy_provider: Provider) -> FrontChannelSuite:
    return FrontChannelSuite(legacy_provider, response_type=request.param)


async def test_oidcc_claims_essential(suite: FrontChannelSuite) -> None:
    if "token" in suite.words:
        await basic.test_oidcc_claims_essential(suite)
        return
    page = await suite.interact(await suite.request(claims='{"id_token": {"name": {"essential": true}}}'))
    assert (await suite.front_id_token(suite.checked(page)))["name"]


async def test_oidcc_userinfo_get(suite: FrontChannelSuite) -> None:
    if "token" not in suite.words:
        pytest.skip("there is no access token")
    await basic.test_oidcc_userinfo_get(suite)


async def test_oidcc_userinfo_post_header(suite: FrontChannelSuite) -> None:
    if "token" not in suite.words:
        pytest.skip("there is no access token")
    await basic.test_oidcc_userinfo_post_header(suite)


async def test_oidcc_userinfo_post_body(suite: FrontChannelSuite) -> None:
    if "token" not in suite.words:
        pytest.skip("there is no access token")
    await basic.test_oidcc_userinfo_post_body(suite)
