"""The modules of the OpenID Foundation's Implicit OP plan, each under its own name, for each response type.

What a module does beyond the response type is what it does in the Basic plan.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conformance import test_basic as basic
from tests.conformance.front_channel_suite import FrontChannelSuite, legacy_records
from tests.flows.provider import prepare, running_provider


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the people and clients, made once and copied for each module."""
    folder = tmp_path_factory.mktemp("legacy")
    asyncio.run(prepare(folder, legacy_records()))
    return folder


@pytest.fixture(params=["id_token", "id_token token"])
async def suite(request: pytest.FixtureRequest, prepared: Path, tmp_path: Path) -> AsyncIterator[FrontChannelSuite]:
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    async with running_provider(tmp_path, legacy_response_types=True) as provider:
        yield FrontChannelSuite(provider, response_type=request.param)


async def test_oidcc_server(suite: FrontChannelSuite) -> None:
    signed_in = await suite.sign_in()

    assert signed_in.asked_to_sign_in
    assert "sub" in await suite.claims(signed_in)


async def test_oidcc_response_type_missing(suite: FrontChannelSuite) -> None:
    await basic.test_oidcc_response_type_missing(suite)


async def test_oidcc_idtoken_signature(suite: FrontChannelSuite) -> None:
    await basic.test_oidcc_idtoken_signature(suite)


async def test_oidcc_ensure_request_without_nonce_fails(suite: FrontChannelSuite) -> None:
    if "id_token" not in suite.words:
        pytest.skip("the suite leaves code token out: no ID token comes through the browser")
    assert suite.error(await suite.request(nonce=None))["error"] == "invalid_request"


async def test_oidcc_scope_profile(suite: FrontChannelSuite) -> None:
    await basic.test_oidcc_scope_profile(suite)


async def test_oidcc_scope_email(suite: FrontChannelSuite) -> None:
    await basic.test_oidcc_scope_email(suite)


async def test_oidcc_scope_address(suite: FrontChannelSuite) -> None:
    await basic.test_oidcc_scope_address(suite)


async def test_oidcc_scope_phone(suite: FrontChannelSuite) -> None:
    await basic.test_oidcc_scope_phone(suite)


async def test_oidcc_scope_all(suite: FrontChannelSuite) -> None:
    await basic.test_oidcc_scope_all(suite)


async def test_oidcc_ensure_other_scope_order_succeeds(suite: FrontChannelSuite) -> None:
    await basic.test_oidcc_ensure_other_scope_order_succeeds(suite)


async def test_oidcc_alternate_happy_flow(suite: FrontChannelSuite) -> None:
    suite.response_mode = "form_post"
    parameters = dict(reversed(suite.parameters(scope="email openid").items()))

    signed_in = await suite.sign_in(await suite.browser.get("/authorize", **parameters))

    assert "email" in await suite.claims(signed_in)


async def test_oidcc_display_page(suite: FrontChannelSuite) -> None:
    await basic.test_oidcc_display_page(suite)


async def test_oidcc_display_popup(suite: FrontChannelSuite) -> None:
    await basic.test_oidcc_display_popup(suite)


async def test_oidcc_prompt_login(suite: FrontChannelSuite) -> None:
    await basic.test_oidcc_prompt_login(suite)


async def test_oidcc_prompt_none_not_logged_in(suite: FrontChannelSuite) -> None:
    await basic.test_oidcc_prompt_none_not_logged_in(suite)


async def test_oidcc_prompt_none_logged_in(suite: FrontChannelSuite) -> None:
    await basic.test_oidcc_prompt_none_logged_in(suite)


async def test_oidcc_max_age_1(suite: FrontChannelSuite) -> None:
    await basic.test_oidcc_max_age_1(suite)


async def test_oidcc_max_age_10000(suite: FrontChannelSuite) -> None:
    await basic.test_oidcc_max_age_10000(suite)


async def test_oidcc_ensure_request_with_unknown_parameter_succeeds(suite: FrontChannelSuite) -> None:
    await basic.test_oidcc_ensure_request_with_unknown_parameter_succeeds(suite)


async def test_oidcc_id_token_hint(suite: FrontChannelSuite) -> None:
    await basic.test_oidcc_id_token_hint(suite)


async def test_oidcc_login_hint(suite: FrontChannelSuite) -> None:
    await basic.test_oidcc_login_hint(suite)


async def test_oidcc_ui_locales(suite: FrontChannelSuite) -> None:
    await basic.test_oidcc_ui_locales(suite)


async def test_oidcc_claims_locales(suite: FrontChannelSuite) -> None:
    await basic.test_oidcc_claims_locales(suite)


async def test_oidcc_ensure_request_with_acr_values_succeeds(suite: FrontChannelSuite) -> None:
    await basic.test_oidcc_ensure_request_with_acr_values_succeeds(suite)


async def test_oidcc_ensure_registered_redirect_uri(suite: FrontChannelSuite) -> None:
    await basic.test_oidcc_ensure_registered_redirect_uri(suite)


async def test_oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(
    suite: FrontChannelSuite,
) -> None:
    page = await suite.request(request_uri="https://suite.example/request.jwt")

    assert suite.error(page)["error"] == "request_uri_not_supported"


async def test_oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(
    suite: FrontChannelSuite,
) -> None:
    await basic.test_oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(suite)


async def test_oidcc_ensure_request_object_with_redirect_uri(suite: FrontChannelSuite) -> None:
    await basic.test_oidcc_ensure_request_object_with_redirect_uri(suite)


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


async def test_tokens_never_go_into_the_query(suite: FrontChannelSuite) -> None:
    assert suite.error(await suite.request(response_mode="query"))["error"] == "invalid_request"


async def test_the_metadata_lists_what_is_on(suite: FrontChannelSuite) -> None:
    metadata = (await suite.browser.http.get("/.well-known/openid-configuration")).json()
    assert suite.response_type in metadata["response_types_supported"]
    assert "implicit" in metadata["grant_types_supported"]
