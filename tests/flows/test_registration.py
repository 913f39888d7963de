"""Clients that registered themselves, over HTTP from the first request to the last."""

import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from jose import jwt
from joserfc import jwe
from joserfc.jwk import ECKey

from tests.conformance.dynamic_suite import DynamicSuite, dynamic_suite
from tests.conformance.suite import CALLBACK
from tests.flows.provider import ISSUER
from tests.protocol.client_signer import ClientSigner

REGISTRY = "https://registry.example.vn"


@pytest.fixture
def folder(prepared: Path, tmp_path: Path) -> Path:
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
async def suite(folder: Path) -> AsyncIterator[DynamicSuite]:
    async with dynamic_suite(folder) as suite:
        yield suite


def encryption_key(suite: DynamicSuite) -> tuple[ECKey, str]:
    """A key of the client's to encrypt to, published; where."""
    key = ECKey.generate_key("P-256", {"kid": "enc-1", "use": "enc"})
    return key, suite.documents.publish("/jwks", {"keys": [key.as_dict(private=False)]})


def opened(token: str, key: ECKey) -> str:
    plaintext = jwe.decrypt_compact(token, key, algorithms=["ECDH-ES", "A256GCM"]).plaintext
    assert plaintext is not None
    return plaintext.decode()


async def test_a_client_with_a_statement_of_a_trusted_issuer_needs_no_token(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signer = ClientSigner("2026")
    issuers = folder / "keys" / "software-statements"
    issuers.mkdir(parents=True)
    (issuers / "registry.json").write_text(json.dumps({"issuer": REGISTRY, "jwks": {"keys": [signer.jwk]}}))
    monkeypatch.chdir(folder)
    async with dynamic_suite(folder) as suite:
        ends = suite.provider.clock.now() + 3600
        asserted = {"client_name": "Ví", "redirect_uris": [CALLBACK], "scope": "openid"}
        statement = signer.sign({"iss": REGISTRY, "exp": ends, **asserted})
        response = await suite.browser.http.post("/register", json={"software_statement": statement})
        assert response.status_code == 201
        members = response.json()
        assert (members["client_name"], members["scope"]) == ("Ví", "openid")
        suite.provider.clock.advance(1)
        page = await suite.browser.get(
            "/authorize",
            client_id=members["client_id"],
            redirect_uri=CALLBACK,
            response_type="code",
            scope="openid",
        )
        assert page.has_form("sign-in")
        assert "Ví" in page.text


async def test_whoever_is_signed_in_is_not_recognised_by_a_client_that_nobody_allowed(suite: DynamicSuite) -> None:
    await suite.register()
    await suite.sign_in()
    await suite.register()
    assert suite.error(await suite.request(prompt="none"))["error"] == "consent_required"
    page = await suite.request()
    assert "Xác nhận đúng là bạn" in page.text
    assert "Dịch vụ này tự đăng ký" in page.text
    assert suite.code(await suite.browser.submit(page, "consent", decision="allow"))
    assert suite.code(await suite.request(prompt="none"))


@pytest.mark.parametrize("change", [{"scope": "openid profile email"}, {"client_name": "Cổng Dịch vụ công"}])
async def test_what_a_client_changes_while_its_question_is_read_is_asked_anew(
    suite: DynamicSuite, change: dict[str, str]
) -> None:
    registered: dict[str, Any] = {"client_name": "Ví", "redirect_uris": [CALLBACK], "scope": "openid"}
    await suite.register(**registered)
    page = await suite.browser.sign_in(await suite.request(scope="openid profile email"))
    assert page.has_form("consent")
    assert "an@example.vn" not in page.text

    changed = await suite.manage("PUT", **registered | change, client_id=suite.client.client_id)
    assert changed.status_code == 200
    suite.provider.clock.advance(1)
    again = await suite.browser.submit(page, "consent", decision="allow")
    assert again.status == 409
    assert "Dịch vụ vừa thay đổi" in str(again.refusal)
    assert ("an@example.vn" in again.text) == ("scope" in change)
    assert suite.error(await suite.request(scope="openid", prompt="none"))["error"] == "consent_required"

    assert "code" in (await suite.browser.submit(again, "consent", decision="allow")).answer


async def test_a_wider_registration_gives_nothing_under_what_was_agreed_to_before(suite: DynamicSuite) -> None:
    registered: dict[str, Any] = {"client_name": "Ví", "redirect_uris": [CALLBACK], "scope": "offline_access openid"}
    grants = ["authorization_code", "refresh_token"]
    await suite.register(**registered, grant_types=grants)
    asked: dict[str, Any] = {
        "email": None,
        "verified_claims": {"verification": {"trust_framework": None}, "claims": {"name": None}},
    }
    claims = json.dumps({"userinfo": asked, "id_token": asked})
    page = await suite.browser.sign_in(await suite.request(scope="openid offline_access", claims=claims))
    assert "an@example.vn" not in page.text
    answer = await suite.browser.submit(page, "consent", decision="allow")
    tokens = (await suite.redeem(answer.answer["code"])).json()

    wider = registered | {"scope": "openid profile email offline_access"}
    changed = await suite.manage("PUT", **wider, grant_types=grants, client_id=suite.client.client_id)
    assert changed.status_code == 200
    suite.provider.clock.advance(1)
    again = (await suite.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])).json()
    for each in (tokens, again):
        assert (await suite.userinfo(each["access_token"])).json().keys() == {"sub"}
    assert {"email", "verified_claims"}.isdisjoint(jwt.get_unverified_claims(again["id_token"]))


async def test_a_client_that_wants_it_so_gets_its_answers_encrypted(suite: DynamicSuite) -> None:
    key, address = encryption_key(suite)
    await suite.register(
        jwks_uri=address,
        id_token_encrypted_response_alg="ECDH-ES",
        id_token_encrypted_response_enc="A256GCM",
        userinfo_signed_response_alg="RS256",
        userinfo_encrypted_response_alg="ECDH-ES",
        userinfo_encrypted_response_enc="A256GCM",
    )
    code = suite.code(await suite.interact(await suite.request()))
    tokens = (await suite.redeem(code)).json()
    claims = await suite.verified({**tokens, "id_token": opened(tokens["id_token"], key)})
    userinfo = await suite.userinfo(tokens["access_token"])
    assert userinfo.headers["content-type"] == "application/jwt"
    told: dict[str, Any] = jwt.get_unverified_claims(opened(userinfo.text, key))
    assert (told["sub"], told["iss"], told["aud"]) == (claims["sub"], ISSUER, suite.client.client_id)


async def test_a_hint_may_come_back_encrypted_to_the_provider(suite: DynamicSuite) -> None:
    await suite.register()
    signed_in = await suite.sign_in()
    keys = (await suite.browser.http.get("/jwks")).json()["keys"]
    ours = next(key for key in keys if key["use"] == "enc" and key["kty"] == "EC")
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": ours["kid"], "cty": "JWT"}
    hint = jwe.encrypt_compact(header, signed_in.tokens["id_token"], ECKey.import_key(ours))
    again = await suite.sign_in(id_token_hint=hint, prompt="none")
    assert again.id_token["sub"] == signed_in.id_token["sub"]


async def test_a_resource_server_keeps_an_introspection_response_as_evidence(suite: DynamicSuite) -> None:
    await suite.register()
    signed_in = await suite.sign_in()
    response = await suite.browser.http.post(
        "/introspect",
        data={"token": signed_in.access_token},
        auth=(suite.client.client_id, suite.client.secret),
        headers={"accept": "application/token-introspection+jwt"},
    )
    assert response.headers["content-type"] == "application/token-introspection+jwt"
    header = jwt.get_unverified_header(response.text)
    assert header["typ"] == "token-introspection+jwt"
    (key,) = [key for key in (await suite.browser.http.get("/jwks")).json()["keys"] if key["kid"] == header["kid"]]
    claims = jwt.decode(
        response.text,
        key,
        [header["alg"]],
        audience=suite.client.client_id,
        issuer=ISSUER,
        options={"verify_iat": False},
    )
    assert claims["token_introspection"]["active"] is True


async def test_response_types_of_the_past_are_registered_only_where_they_are_answered(folder: Path) -> None:
    asked: dict[str, Any] = {"response_types": ["code id_token"], "grant_types": ["authorization_code", "implicit"]}
    async with dynamic_suite(folder) as suite:
        refused = await suite.register(status=400, **asked)
        assert refused["error"] == "invalid_client_metadata"
    async with dynamic_suite(folder, legacy_response_types=True) as suite:
        members = await suite.register(**asked)
        assert members["profile"] == "legacy"
        page = await suite.request(response_type="code id_token")
        assert page.has_form("sign-in")
        answer = (await suite.interact(page)).answer
        assert {"code", "id_token"} <= answer.keys()


async def test_a_refused_registration_leaves_nothing_behind(suite: DynamicSuite) -> None:
    before = await suite.provider.stores.client_registry.page("", 100)
    for sent in ({}, {"redirect_uris": ["https://rp.example.vn/#x"]}, {"redirect_uris": [CALLBACK], "jwks": {}}):
        assert (await suite.post(sent)).status_code == 400
    assert (await suite.browser.http.post("/register", json={"redirect_uris": [CALLBACK]})).status_code == 401
    assert await suite.provider.stores.client_registry.page("", 100) == before


async def test_a_client_that_claims_fapi2_gets_all_of_it(suite: DynamicSuite) -> None:
    suite.key = ClientSigner("suite-1", "ES256")
    members = await suite.register(
        profile="fapi2",
        token_endpoint_auth_method="private_key_jwt",
        jwks_uri=suite.publish_keys(suite.key),
        scope="openid",
    )
    assert (members["require_pkce"], members["id_token_signed_response_alg"]) == (True, "ES256")
    page = await suite.request()
    assert page.answer["error"] == "invalid_request", "it has to push its requests"
    pushed = await suite.browser.http.post("/par", data={**suite.parameters(), **suite.assertion(ISSUER)})
    assert pushed.json()["error"] == "invalid_request", "and to send a code challenge"


async def test_a_client_that_registered_itself_has_tokens_for_nobody_s_api(suite: DynamicSuite) -> None:
    api = "https://api.ministry.example"
    refused = await suite.register(status=400, authorization_details_types=["dossier_access"])
    assert refused["error"] == "invalid_client_metadata"
    await suite.register(scope="openid")
    assert (await suite.request(scope="openid", resource=api)).answer["error"] == "invalid_target"
    page = await suite.interact(await suite.request(scope="openid"))
    redeemed = await suite.redeem(page.answer["code"], resource=api)
    assert (redeemed.status_code, redeemed.json()["error"]) == (400, "invalid_target")
