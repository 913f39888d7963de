"""The modules of the OpenID Foundation's Dynamic OP plan, each under its own name."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from jose import jwt

from idp.adapters.crypto.keystore import FileKeystore
from idp.adapters.crypto.secret_file import load_secret
from tests.conformance import test_basic as basic
from tests.conformance import test_config as config
from tests.conformance.dynamic_suite import ASSERTION_TYPE, DynamicSuite, dynamic_suite
from tests.conformance.suite import CALLBACK, checked_tokens, is_error_page, unsigned
from tests.flows.provider import ISSUER
from tests.protocol.client_signer import ClientSigner

ASKED = "openid profile offline_access"


@pytest.fixture
async def suite(prepared: Path, tmp_path: Path) -> AsyncIterator[DynamicSuite]:
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    async with dynamic_suite(tmp_path) as suite:
        yield suite


async def test_oidcc_idtoken_rs256(suite: DynamicSuite) -> None:
    members = await suite.register(id_token_signed_response_alg="RS256")

    assert members["id_token_signed_response_alg"] == "RS256"
    await suite.sign_in()


async def test_oidcc_userinfo_rs256(suite: DynamicSuite) -> None:
    await suite.register(userinfo_signed_response_alg="RS256")
    signed_in = await suite.sign_in()
    response = await suite.userinfo(signed_in.access_token)

    assert response.headers["content-type"] == "application/jwt"
    header = jwt.get_unverified_header(response.text)
    assert header["alg"] == "RS256"
    keys = (await suite.browser.http.get("/jwks")).json()["keys"]
    (key,) = [key for key in keys if key["kid"] == header["kid"]]
    options = {"verify_iat": False}
    claims = jwt.decode(response.text, key, ["RS256"], audience=suite.client.client_id, issuer=ISSUER, options=options)
    assert claims["sub"] == signed_in.id_token["sub"]


async def test_oidcc_ensure_redirect_uri_in_authorization_request(suite: DynamicSuite) -> None:
    await suite.register(redirect_uris=[CALLBACK, f"{CALLBACK}/2"])

    assert is_error_page(await suite.request(redirect_uri=None))


async def test_oidcc_redirect_uri_query_ok(suite: DynamicSuite) -> None:
    await suite.register(redirect_uris=[f"{CALLBACK}?foo=bar"])

    await suite.sign_in()


async def test_oidcc_redirect_uri_query_mismatch(suite: DynamicSuite) -> None:
    await suite.register(redirect_uris=[f"{CALLBACK}?foo=bar"])

    assert is_error_page(await suite.request(redirect_uri=f"{CALLBACK}?bar=foo"))


async def test_oidcc_redirect_uri_query_added(suite: DynamicSuite) -> None:
    await suite.register()

    assert is_error_page(await suite.request(redirect_uri=f"{CALLBACK}?foo=bar"))


async def test_oidcc_redirect_uri_regfrag(suite: DynamicSuite) -> None:
    refused = await suite.register(status=400, redirect_uris=[f"{CALLBACK}#foobar"])

    assert refused["error"] == "invalid_redirect_uri"


async def test_oidcc_discovery_endpoint_verification(suite: DynamicSuite) -> None:
    await config.test_oidcc_discovery_endpoint_verification(suite)

    metadata = (await suite.browser.http.get("/.well-known/openid-configuration")).json()
    assert urlsplit(metadata["registration_endpoint"]).path == "/register"


async def test_oidcc_server(suite: DynamicSuite) -> None:
    await suite.register()

    await basic.test_oidcc_server(suite)


async def test_oidcc_registration_logo_uri(suite: DynamicSuite) -> None:
    logo = "https://suite.example/logo.png"
    await suite.register(logo_uri=logo)
    page = await suite.request()

    assert page.has_form("sign-in")
    assert f'<img src="{logo}"' in page.text
    assert "https://suite.example" in page.response.headers["content-security-policy"].split("img-src")[1].split(";")[0]


async def test_oidcc_registration_policy_uri(suite: DynamicSuite) -> None:
    policy = "https://suite.example/policy"
    await suite.register(policy_uri=policy)
    page = await suite.request()

    assert page.has_form("sign-in")
    assert f'<a href="{policy}"' in page.text


async def test_oidcc_registration_tos_uri(suite: DynamicSuite) -> None:
    terms = "https://suite.example/tos"
    await suite.register(tos_uri=terms)
    page = await suite.request()

    assert page.has_form("sign-in")
    assert f'<a href="{terms}"' in page.text


async def test_oidcc_registration_jwks_uri(suite: DynamicSuite) -> None:
    await suite.register(token_endpoint_auth_method="private_key_jwt", jwks_uri=suite.publish_keys(suite.key))
    await suite.sign_in()

    assert suite.documents.fetched == ["/jwks"]


async def test_oidcc_registration_sector_uri(suite: DynamicSuite) -> None:
    other = "https://other.example/callback"
    sector = suite.documents.publish("/sector.json", [CALLBACK, other])
    members = await suite.register(
        redirect_uris=[CALLBACK, other], sector_identifier_uri=sector, subject_type="pairwise"
    )

    assert members["sector_identifier_uri"] == sector
    assert suite.documents.fetched == ["/sector.json"]
    await suite.sign_in()


async def test_oidcc_registration_sector_bad(suite: DynamicSuite) -> None:
    sector = suite.documents.publish("/sector.json", ["https://other.example/callback"])
    refused = await suite.register(status=400, sector_identifier_uri=sector, subject_type="pairwise")

    assert refused["error"] == "invalid_client_metadata"


async def test_oidcc_server_rotate_keys(suite: DynamicSuite) -> None:
    async def published() -> set[str]:
        keys = (await suite.browser.http.get("/jwks")).json()["keys"]
        return {key["kid"] for key in keys if key["use"] == "sig"}

    await suite.register()
    before, first = await published(), (await suite.sign_in()).tokens["id_token"]
    settings = suite.provider.settings
    secret = load_secret(settings.secret_file, create=False)
    FileKeystore(settings.keystore_path, secret, suite.provider.clock).signing_keys.rotate("RS256")
    suite.provider.clock.advance(1)
    second = (await suite.sign_in()).tokens["id_token"]
    old, new = (jwt.get_unverified_header(token)["kid"] for token in (first, second))

    assert old != new
    assert new in before, "it was published before it signed"
    assert {old, new} <= await published()


async def test_oidcc_refresh_token_rp_key_rotation(suite: DynamicSuite) -> None:
    await suite.register(token_endpoint_auth_method="private_key_jwt", jwks_uri=suite.publish_keys(suite.key))
    signed_in = await suite.sign_in(scope=ASKED, prompt="consent")
    suite.key = ClientSigner("suite-2", "RS256")
    suite.publish_keys(suite.key)
    suite.provider.clock.advance(11)

    tokens = checked_tokens(
        await suite.token(grant_type="refresh_token", refresh_token=signed_in.tokens["refresh_token"])
    )
    assert suite.documents.fetched == ["/jwks", "/jwks"]
    assert (await suite.userinfo(tokens["access_token"])).status_code == 200


async def test_oidcc_request_uri_unsigned(suite: DynamicSuite) -> None:
    address = suite.documents.publish("/request", "")
    await suite.register(request_uris=[address], jwks_uri=suite.publish_keys(suite.key))
    suite.documents.publish("/request", unsigned(suite.parameters()))
    page = await suite.request(request_uri=address)

    # The suite leaves this out where the metadata does not offer the algorithm "none", as here.
    metadata = (await suite.browser.http.get("/.well-known/openid-configuration")).json()
    assert "none" not in metadata["request_object_signing_alg_values_supported"]
    assert suite.error(page)["error"] == "request_uri_not_supported"


async def test_oidcc_request_uri_signed_rs256(suite: DynamicSuite) -> None:
    address = suite.documents.publish("/request", "")
    await suite.register(
        request_uris=[address],
        request_object_signing_alg="RS256",
        jwks_uri=suite.publish_keys(suite.key),
    )
    request = suite.parameters()
    suite.documents.publish("/request", suite.request_object(request))
    page = await suite.browser.get(
        "/authorize", client_id=request["client_id"], request_uri=address, response_type="code", scope="openid"
    )

    signed_in = await suite.sign_in(page)
    assert signed_in.id_token["nonce"] == request["nonce"]


async def test_oidcc_ensure_request_object_with_redirect_uri(suite: DynamicSuite) -> None:
    await suite.register(jwks_uri=suite.publish_keys(suite.key))
    request = suite.parameters()
    page = await suite.browser.get(
        "/authorize",
        client_id=request["client_id"],
        request=suite.request_object(request),
        response_type="code",
        scope="openid",
        redirect_uri="https://evil.example/callback",
    )

    # OpenID Connect Core section 6.1: values in the request object supersede those beside it.
    assert is_error_page(page) or page.has_form("sign-in")
    if page.has_form("sign-in"):
        assert (await suite.interact(page)).location.startswith(request["redirect_uri"])


async def test_oidcc_refresh_token(suite: DynamicSuite) -> None:
    await suite.register()
    first = await suite.sign_in(scope=ASKED, prompt="consent")
    tokens = checked_tokens(await suite.token(grant_type="refresh_token", refresh_token=first.tokens["refresh_token"]))
    refreshed = await suite.verified(tokens, nonce=False)

    assert all(refreshed[name] == first.id_token[name] for name in ("iss", "sub", "aud", "auth_time"))
    await suite.register()
    stolen = await suite.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")


async def test_oidcc_ensure_client_assertion_with_iss_aud_succeeds(suite: DynamicSuite) -> None:
    await suite.register(token_endpoint_auth_method="private_key_jwt", jwks_uri=suite.publish_keys(suite.key))
    code = suite.code(await suite.interact(await suite.request()))
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    assertion = suite.assertion(ISSUER)

    assert assertion["client_assertion_type"] == ASSERTION_TYPE
    checked_tokens(await suite.browser.http.post("/token", data={**fields, **assertion}))


async def test_a_registration_is_deleted_with_204(suite: DynamicSuite) -> None:
    await suite.register()
    assert (await suite.manage("GET")).json()["client_id"] == suite.client.client_id
    response = await suite.manage("DELETE")

    assert (response.status_code, response.content) == (204, b"")
    suite.provider.clock.advance(1)
    assert (await suite.manage("GET")).status_code == 401
    assert is_error_page(await suite.request())
