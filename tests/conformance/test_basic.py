"""The modules of the OpenID Foundation's Basic OP plan, each under its own name."""

from dataclasses import replace

from idp.domain.levels.assurance import ACR_VALUES
from tests.conformance.suite import (
    CONTACT_CLAIMS,
    PROFILE_CLAIMS,
    SECOND,
    Registration,
    Suite,
    checked_tokens,
    checked_userinfo,
    is_error_page,
    refused_grant,
    s256,
    unsigned,
)

VERIFIER = "a-code-verifier-of-at-least-forty-three-characters"


async def test_oidcc_server(suite: Suite) -> None:
    signed_in = await suite.sign_in()

    assert signed_in.asked_to_sign_in
    assert (await suite.claims(signed_in)).keys() == {"sub"}


async def test_oidcc_response_type_missing(suite: Suite) -> None:
    page = await suite.request(response_type=None)

    assert suite.error(page)["error"] == "invalid_request"


async def test_oidcc_idtoken_signature(suite: Suite) -> None:
    await suite.sign_in()

    suite.client = Registration("suite-es256", algorithm="ES256")
    await suite.sign_in()


async def test_oidcc_userinfo_get(suite: Suite) -> None:
    signed_in = await suite.sign_in()

    checked_userinfo(await suite.userinfo(signed_in.access_token), signed_in)


async def test_oidcc_userinfo_post_header(suite: Suite) -> None:
    signed_in = await suite.sign_in()

    checked_userinfo(await suite.userinfo(signed_in.access_token, "POST"), signed_in)


async def test_oidcc_userinfo_post_body(suite: Suite) -> None:
    signed_in = await suite.sign_in()

    checked_userinfo(await suite.userinfo(signed_in.access_token, "POST", in_body=True), signed_in)


async def test_oidcc_ensure_request_without_nonce_succeeds_for_code_flow(suite: Suite) -> None:
    signed_in = await suite.sign_in(nonce=None)

    assert "nonce" not in signed_in.id_token


async def test_oidcc_scope_profile(suite: Suite) -> None:
    claims = await suite.claims(await suite.sign_in(scope="openid profile"))

    assert claims.keys() == {"sub"} | PROFILE_CLAIMS
    assert isinstance(claims["updated_at"], int)


async def test_oidcc_scope_email(suite: Suite) -> None:
    claims = await suite.claims(await suite.sign_in(scope="openid email"))

    assert claims.keys() == {"sub", "email", "email_verified"}
    assert claims["email_verified"] is True


async def test_oidcc_scope_address(suite: Suite) -> None:
    claims = await suite.claims(await suite.sign_in(scope="openid address"))

    assert claims.keys() == {"sub", "address"}
    assert claims["address"].keys() <= {
        "formatted",
        "street_address",
        "locality",
        "region",
        "postal_code",
        "country",
    }


async def test_oidcc_scope_phone(suite: Suite) -> None:
    claims = await suite.claims(await suite.sign_in(scope="openid phone"))

    assert claims.keys() == {"sub", "phone_number", "phone_number_verified"}
    assert claims["phone_number_verified"] is True


async def test_oidcc_scope_all(suite: Suite) -> None:
    claims = await suite.claims(await suite.sign_in(scope="openid address email phone profile"))

    assert claims.keys() == {"sub"} | PROFILE_CLAIMS | CONTACT_CLAIMS


async def test_oidcc_ensure_other_scope_order_succeeds(suite: Suite) -> None:
    claims = await suite.claims(await suite.sign_in(scope="email openid"))

    assert "email" in claims


async def test_oidcc_alternate_happy_flow(suite: Suite) -> None:
    """The module of later releases: the parameters in another order too."""
    reordered = dict(reversed(suite.parameters(scope="email openid").items()))
    signed_in = await suite.sign_in(await suite.browser.get("/authorize", **reordered))

    assert "email" in await suite.claims(signed_in)


async def test_oidcc_display_page(suite: Suite) -> None:
    await suite.sign_in(display="page")


async def test_oidcc_display_popup(suite: Suite) -> None:
    await suite.sign_in(display="popup")


async def test_oidcc_prompt_login(suite: Suite) -> None:
    first = await suite.sign_in()
    suite.provider.clock.advance(1)

    second = await suite.sign_in(prompt="login")

    assert second.asked_to_sign_in
    assert second.id_token["auth_time"] > first.id_token["auth_time"]
    assert second.id_token["sub"] == first.id_token["sub"]


async def test_oidcc_prompt_none_not_logged_in(suite: Suite) -> None:
    error = suite.error(await suite.request(prompt="none"))["error"]

    assert error in {"login_required", "interaction_required", "consent_required", "account_selection_required"}


async def test_oidcc_prompt_none_logged_in(suite: Suite) -> None:
    first = await suite.sign_in()
    suite.provider.clock.advance(1)

    second = await suite.sign_in(prompt="none")

    assert second.id_token["sub"] == first.id_token["sub"]
    assert second.id_token["auth_time"] == first.id_token["auth_time"]


async def test_oidcc_max_age_1(suite: Suite) -> None:
    first = await suite.sign_in()
    suite.provider.clock.advance(1)

    second = await suite.sign_in(max_age="1")

    assert second.asked_to_sign_in
    assert second.id_token["auth_time"] > first.id_token["auth_time"]
    assert second.id_token["sub"] == first.id_token["sub"]


async def test_oidcc_max_age_10000(suite: Suite) -> None:
    first = await suite.sign_in()
    suite.provider.clock.advance(1)

    second = await suite.sign_in(max_age="10000")

    assert not second.asked_to_sign_in
    assert second.id_token["auth_time"] == first.id_token["auth_time"]


async def test_oidcc_ensure_request_with_unknown_parameter_succeeds(suite: Suite) -> None:
    await suite.sign_in(extra="foobar")


async def test_oidcc_id_token_hint(suite: Suite) -> None:
    first = await suite.sign_in()

    second = await suite.sign_in(prompt="none", id_token_hint=first.tokens["id_token"])

    assert second.id_token["sub"] == first.id_token["sub"]
    assert second.id_token["auth_time"] == first.id_token["auth_time"]


async def test_oidcc_login_hint(suite: Suite) -> None:
    page = await suite.request(login_hint="buffy@suite.example")

    assert 'value="buffy@suite.example"' in page.text
    await suite.sign_in(page)


async def test_oidcc_ui_locales(suite: Suite) -> None:
    await suite.sign_in(ui_locales="se")


async def test_oidcc_claims_locales(suite: Suite) -> None:
    await suite.sign_in(claims_locales="se")


async def test_oidcc_ensure_request_with_acr_values_succeeds(suite: Suite) -> None:
    supported = (await suite.browser.http.get("/.well-known/openid-configuration")).json()["acr_values_supported"]

    signed_in = await suite.sign_in(acr_values=" ".join(supported))
    assert signed_in.id_token["acr"] in supported
    # The person has no passkey, which the others take.
    for value in (value for value in supported if value in ACR_VALUES):
        suite.provider.clock.advance(60)
        assert (await suite.sign_in(acr_values=value)).id_token["acr"] == value


async def test_oidcc_codereuse(suite: Suite) -> None:
    page = await suite.interact(await suite.request())
    code = suite.code(page)
    tokens = checked_tokens(await suite.redeem(code))

    assert refused_grant(await suite.redeem(code))
    assert (await suite.userinfo(tokens["access_token"])).status_code == 401


async def test_oidcc_codereuse_30seconds(suite: Suite) -> None:
    page = await suite.interact(await suite.request(scope="openid offline_access"))
    code = suite.code(page)
    tokens = checked_tokens(await suite.redeem(code))
    assert (await suite.userinfo(tokens["access_token"])).status_code == 200
    suite.provider.clock.advance(30)

    assert refused_grant(await suite.redeem(code))
    assert (await suite.userinfo(tokens["access_token"])).status_code == 401
    assert refused_grant(await suite.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]))


async def test_oidcc_ensure_registered_redirect_uri(suite: Suite) -> None:
    registered = suite.client.redirect_uri
    for uri in (f"{registered}/x", f"{registered}?x=1", "https://evil.example/cb", registered.upper(), None):
        page = await suite.request(redirect_uri=uri)
        assert is_error_page(page)
        assert page.status == 400


async def test_oidcc_ensure_post_request_succeeds(suite: Suite) -> None:
    response = await suite.browser.http.post("/authorize", data=suite.parameters())
    assert response.status_code == 303

    await suite.sign_in(await suite.browser.get(response.headers["location"]))
    response = await suite.browser.http.post("/authorize", data=suite.parameters())
    assert not (await suite.sign_in(await suite.browser.get(response.headers["location"]))).asked_to_sign_in


async def test_oidcc_server_client_secret_post(suite: Suite) -> None:
    suite.client = Registration("suite-post", authentication="client_secret_post")

    await suite.sign_in()


async def test_oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(suite: Suite) -> None:
    parameters = suite.parameters()

    page = await suite.browser.get("/authorize", **parameters, request=unsigned(parameters))

    assert suite.error(page)["error"] == "request_not_supported"


async def test_oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(suite: Suite) -> None:
    page = await suite.browser.get(
        "/authorize", **suite.parameters(), request_uri="https://suite.example/test/a/idp/requestobject/unsigned"
    )

    assert suite.error(page)["error"] == "request_uri_not_supported"


async def test_oidcc_claims_essential(suite: Suite) -> None:
    signed_in = await suite.sign_in(claims='{"userinfo": {"name": {"essential": true}}}')

    assert "name" not in signed_in.id_token
    assert (await suite.claims(signed_in)).keys() == {"sub", "name"}


async def test_oidcc_ensure_request_object_with_redirect_uri(suite: Suite) -> None:
    parameters = suite.parameters()
    registered = parameters.pop("redirect_uri")
    request = unsigned({**parameters, "redirect_uri": registered})

    assert is_error_page(await suite.browser.get("/authorize", **parameters, request=request))
    elsewhere = "https://suite.example/elsewhere"
    assert is_error_page(await suite.browser.get("/authorize", **parameters, redirect_uri=elsewhere, request=request))
    page = await suite.browser.get(
        "/authorize", **parameters, redirect_uri=registered, request=unsigned({**parameters, "redirect_uri": elsewhere})
    )
    assert suite.error(page)["error"] == "request_not_supported"


async def test_oidcc_refresh_token(suite: Suite) -> None:
    first = await suite.sign_in(scope="openid offline_access", prompt="consent")
    suite.provider.clock.advance(10)

    refreshed = checked_tokens(
        await suite.token(grant_type="refresh_token", refresh_token=first.tokens["refresh_token"])
    )
    id_token = await suite.verified(refreshed, nonce=False)
    for claim in ("iss", "sub", "aud", "auth_time", "acr"):
        assert id_token[claim] == first.id_token[claim]
    assert id_token["iat"] > first.id_token["iat"]
    assert id_token.get("nonce") in {None, first.id_token["nonce"]}
    assert refreshed["access_token"] != first.access_token

    suite.client = SECOND
    suite.provider.clock.advance(60)
    await suite.sign_in(scope="openid offline_access", prompt="consent")
    assert refused_grant(await suite.token(grant_type="refresh_token", refresh_token=refreshed["refresh_token"]))


async def test_oidcc_ensure_request_with_valid_pkce_succeeds(suite: Suite) -> None:
    suite.client = replace(suite.client, client_id="suite-pkce")
    challenge = {"code_challenge": s256(VERIFIER), "code_challenge_method": "S256"}

    code = suite.code(await suite.interact(await suite.request(**challenge)))
    checked_tokens(await suite.redeem(code, code_verifier=VERIFIER))

    code = suite.code(await suite.interact(await suite.request(**challenge)))
    assert refused_grant(await suite.redeem(code, code_verifier=f"{VERIFIER}x"))
    assert suite.error(await suite.request())["error"] == "invalid_request"
    plain = {"code_challenge": VERIFIER, "code_challenge_method": "plain"}
    assert suite.error(await suite.request(**plain))["error"] == "invalid_request"
