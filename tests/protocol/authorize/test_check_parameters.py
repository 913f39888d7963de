from dataclasses import replace

import pytest

from idp.domain.clients.client import Client
from idp.domain.clients.client_policy import ClientProfile
from idp.protocol.authorize.check_parameters import (
    check_claims,
    check_key_thumbprint,
    check_login_hint,
    check_max_age,
    check_nonce,
    check_pkce,
    check_prompt,
    check_resources,
    check_response_type,
    check_scope,
    check_unsupported,
)
from idp.protocol.authorize.pkce import s256
from idp.protocol.claims.claims import NOTHING_REQUESTED
from idp.protocol.errors import (
    InvalidRequestError,
    InvalidScopeError,
    InvalidTargetError,
    RegistrationNotSupportedError,
    UnauthorizedClientError,
    UnsupportedResponseTypeError,
)
from tests.protocol.world import API, ARCHIVE, MACHINE, PHONE_APP, PORTAL, VERIFIER, World

CODE = frozenset({"code"})
CHALLENGE = s256(VERIFIER)


def test_a_registration_on_the_way_is_not_supported() -> None:
    with pytest.raises(RegistrationNotSupportedError):
        check_unsupported({"registration": "x"})


@pytest.mark.parametrize("thumbprint", ["short", "c" * 44, "c" * 42 + "!", ""])
def test_a_thumbprint_is_a_sha_256_digest(thumbprint: str) -> None:
    with pytest.raises(InvalidRequestError):
        check_key_thumbprint({"dpop_jkt": thumbprint})
    assert check_key_thumbprint({"dpop_jkt": "c" * 43}) == "c" * 43
    assert check_key_thumbprint({}) is None


def test_unknown_parameters_are_ignored() -> None:
    check_unsupported({"extra": "foobar", "display": "page"})


def test_only_the_code_flow_is_answered() -> None:
    check_response_type(PORTAL, {"response_type": "code"}, legacy=False)
    with pytest.raises(InvalidRequestError, match="missing"):
        check_response_type(PORTAL, {}, legacy=False)
    for other in ("token", "id_token", "code id_token", "Code", ""):
        with pytest.raises(UnsupportedResponseTypeError):
            check_response_type(PORTAL, {"response_type": other}, legacy=False)


def test_a_client_without_the_code_grant_may_not_ask_for_a_code() -> None:
    with pytest.raises(UnauthorizedClientError):
        check_response_type(MACHINE, {"response_type": "code"}, legacy=False)
    with pytest.raises(UnauthorizedClientError):
        check_response_type(
            replace(PORTAL, response_types=frozenset({"id_token"})), {"response_type": "code"}, legacy=False
        )


async def test_scopes_are_granted_in_the_order_asked_and_the_unknown_fall_away(world: World) -> None:
    asked = {"scope": "profile dossier.read openid phone no.such.scope"}
    assert await check_scope(world.stores.clients, PORTAL, asked, CODE) == ("profile", "dossier.read", "openid")


@pytest.mark.parametrize("scope", ["", "no.such.scope", "phone"])
async def test_a_request_of_which_no_scope_is_left_is_refused(world: World, scope: str) -> None:
    with pytest.raises(InvalidScopeError):
        await check_scope(world.stores.clients, PORTAL, {"scope": scope}, CODE)


async def test_offline_access_is_for_clients_that_refresh(world: World) -> None:
    asked = {"scope": "openid offline_access"}
    assert await check_scope(world.stores.clients, PORTAL, asked, CODE) == ("openid", "offline_access")
    once = replace(PORTAL, grant_types=frozenset({"authorization_code"}))
    assert await check_scope(world.stores.clients, once, asked, CODE) == ("openid",)


def test_prompts_are_read_as_a_set() -> None:
    assert check_prompt({}) == frozenset()
    assert check_prompt({"prompt": "login consent"}) == {"login", "consent"}
    assert check_prompt({"prompt": "none"}) == {"none"}


@pytest.mark.parametrize("prompt", ["none login", "create", "LOGIN", "login,consent"])
def test_a_prompt_that_is_unknown_or_beside_none_is_refused(prompt: str) -> None:
    with pytest.raises(InvalidRequestError):
        check_prompt({"prompt": prompt})


def test_max_age_is_the_requests_else_the_clients() -> None:
    assert check_max_age(PORTAL, {"max_age": "0"}) == 0
    assert check_max_age(PORTAL, {"max_age": "10000"}) == 10_000
    assert check_max_age(PORTAL, {}) is None
    assert check_max_age(replace(PORTAL, default_max_age=300), {}) == 300
    assert check_max_age(replace(PORTAL, default_max_age=300), {"max_age": "60"}) == 60


@pytest.mark.parametrize("text", ["", "-1", "1.5", "1e3", "٣", "12345678901", " 1", "one"])
def test_a_max_age_that_is_no_number_of_seconds_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequestError):
        check_max_age(PORTAL, {"max_age": text})


def test_a_code_challenge_is_returned_whoever_sent_it() -> None:
    sent = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    assert check_pkce(PORTAL, sent, CODE) == CHALLENGE
    assert check_pkce(PHONE_APP, sent, CODE) == CHALLENGE


def test_a_confidential_client_may_go_without() -> None:
    assert check_pkce(PORTAL, {}, CODE) is None


@pytest.mark.parametrize("client", [
    PHONE_APP,
    replace(PORTAL, require_pkce=True),
    replace(PORTAL, profile=ClientProfile.FAPI2),
    replace(PORTAL, token_endpoint_auth_method="none"),
], ids=["registered so, public", "registered so", "FAPI 2.0", "public"])  # fmt: skip
def test_whoever_must_send_a_code_challenge_is_refused_without(client: Client) -> None:
    with pytest.raises(InvalidRequestError, match="must send a code_challenge"):
        check_pkce(client, {}, CODE)


@pytest.mark.parametrize("parameters", [
    {"code_challenge": CHALLENGE},
    {"code_challenge": CHALLENGE, "code_challenge_method": "plain"},
    {"code_challenge": CHALLENGE, "code_challenge_method": "s256"},
    {"code_challenge": CHALLENGE[:-1], "code_challenge_method": "S256"},
    {"code_challenge": CHALLENGE + "=", "code_challenge_method": "S256"},
    {"code_challenge": "", "code_challenge_method": "S256"},
    {"code_challenge_method": "S256"},
], ids=["no method means plain", "plain", "other case", "short", "padded", "empty", "no challenge"])  # fmt: skip
def test_a_code_challenge_that_proves_nothing_is_refused(parameters: dict[str, str]) -> None:
    with pytest.raises(InvalidRequestError):
        check_pkce(PORTAL, parameters, CODE)


def test_a_nonce_is_opaque_and_bounded() -> None:
    assert check_nonce({}, CODE) is None
    assert check_nonce({"nonce": "n" * 384}, CODE) == "n" * 384
    with pytest.raises(InvalidRequestError):
        check_nonce({"nonce": "n" * 1025}, CODE)


async def test_resources_are_those_we_know_each_once(world: World) -> None:
    assert await check_resources(world.stores.clients, PORTAL, (API, ARCHIVE, API)) == (API, ARCHIVE)
    assert await check_resources(world.stores.clients, PORTAL, ()) == ()


@pytest.mark.parametrize("resources", [
    ("https://elsewhere.example",), (API, f"{API}/"), (f"{API}#fragment",), ("",), (API,) * 11,
], ids=["unknown", "other path", "fragment", "empty", "too many"])  # fmt: skip
async def test_a_resource_that_we_do_not_know_is_refused(world: World, resources: tuple[str, ...]) -> None:
    with pytest.raises(InvalidTargetError):
        await check_resources(world.stores.clients, PORTAL, resources)


async def test_a_resource_where_the_client_has_no_business_is_refused(world: World) -> None:
    stranger = replace(PORTAL, scopes=frozenset({"openid", "profile"}))
    with pytest.raises(InvalidTargetError):
        await check_resources(world.stores.clients, stranger, (API,))
    reader = replace(stranger, scopes=frozenset({"openid", "dossier.read"}))
    assert await check_resources(world.stores.clients, reader, (API,)) == (API,)
    with pytest.raises(InvalidTargetError):
        await check_resources(world.stores.clients, reader, (API, ARCHIVE))
    by_details = replace(stranger, metadata={"authorization_details_types": ["dossier_access"]})
    assert await check_resources(world.stores.clients, by_details, (API,)) == (API,)


def test_the_claims_parameter_is_read_or_absent() -> None:
    assert check_claims(PORTAL, {}) is NOTHING_REQUESTED
    assert "name" in check_claims(PORTAL, {"claims": '{"userinfo":{"name":{"essential":true}}}'}).userinfo
    with pytest.raises(InvalidRequestError):
        check_claims(PORTAL, {"claims": ""})


def test_a_login_hint_of_absurd_length_is_ignored() -> None:
    assert check_login_hint({"login_hint": "anh@example.vn"}) == "anh@example.vn"
    assert check_login_hint({"login_hint": "a" * 321}) == ""
    assert check_login_hint({}) == ""


LEGACY = replace(
    PORTAL,
    profile=ClientProfile.LEGACY,
    grant_types=PORTAL.grant_types | {"implicit"},
    response_types=frozenset({"code", "id_token", "code id_token token"}),
)


def test_tokens_in_the_front_channel_take_a_deployment_a_profile_and_a_registration() -> None:
    asked = {"response_type": "id_token"}
    assert check_response_type(LEGACY, asked, legacy=True) == {"id_token"}
    with pytest.raises(UnsupportedResponseTypeError):
        check_response_type(LEGACY, asked, legacy=False)
    for other in (
        PORTAL,
        replace(LEGACY, profile=ClientProfile.DEFAULT),
        replace(LEGACY, profile=ClientProfile.FAPI2),
        replace(LEGACY, response_types=frozenset({"code"})),
        replace(LEGACY, grant_types=frozenset({"authorization_code"})),
    ):
        with pytest.raises(UnauthorizedClientError):
            check_response_type(other, asked, legacy=True)


def test_the_order_of_response_types_does_not_matter() -> None:
    words = check_response_type(LEGACY, {"response_type": "token code id_token"}, legacy=True)
    assert words == {"code", "id_token", "token"}
    for other in ("token", "code code", "id_token id_token", "none", "code none"):
        with pytest.raises(UnsupportedResponseTypeError):
            check_response_type(LEGACY, {"response_type": other}, legacy=True)


def test_a_bound_client_gets_no_token_through_the_browser() -> None:
    bound = replace(LEGACY, metadata={"dpop_bound_access_tokens": True})
    with pytest.raises(UnauthorizedClientError):
        check_response_type(bound, {"response_type": "code id_token token"}, legacy=True)
    assert check_response_type(bound, {"response_type": "id_token"}, legacy=True)


@pytest.mark.parametrize("words", [{"id_token"}, {"code", "id_token"}, {"id_token", "token"}])
def test_an_id_token_through_the_browser_needs_a_nonce(words: set[str]) -> None:
    with pytest.raises(InvalidRequestError):
        check_nonce({}, frozenset(words))
    assert check_nonce({"nonce": "n"}, frozenset(words)) == "n"
    assert check_nonce({}, frozenset({"code", "token"})) is None


async def test_without_a_code_there_is_no_access_offline_and_no_challenge(world: World) -> None:
    asked = {"scope": "openid offline_access"}
    assert await check_scope(world.stores.clients, PORTAL, asked, frozenset({"id_token", "token"})) == ("openid",)
    with pytest.raises(InvalidScopeError):
        await check_scope(world.stores.clients, PORTAL, {"scope": "profile"}, frozenset({"id_token"}))
    assert check_pkce(PHONE_APP, {}, frozenset({"id_token"})) is None
