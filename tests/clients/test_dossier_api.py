"""The ministry's API as a resource server: which tokens it takes, and what each may do."""

from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey

from tests.clients.test_dossier_life import code_of, file_dossier, officer_browser, process
from tests.clients.town import GATEWAY, MINISTRY, Town, party

FILING = {
    "procedure": "land-extract",
    "content": "Thửa 12",
    "applicant": {"name": "Nguyễn Văn An", "personal_number": "001099000001"},
}
KEY = {"Idempotency-Key": "0123456789abcdef"}


async def fee_reference(town: Town, amount: str = "2000000") -> str:
    code = code_of(await file_dossier(await town.citizen()))
    officer = await officer_browser(town)
    await process(officer, code, "receive")
    await process(officer, code, "ask-payment", amount=amount)
    row = party(town.ministry).database.row("SELECT payment_reference FROM dossiers WHERE code = ?", (code,))
    assert row is not None
    return str(row["payment_reference"])


async def test_a_dossier_is_filed_once_per_key_and_read_by_its_owner_only(town: Town) -> None:
    token = town.access_token("dossier.read dossier.write", sub="person-1")
    first = await town.api("POST", "/api/dossiers", token, json=FILING, headers=KEY)
    again = await town.api("POST", "/api/dossiers", token, json=FILING, headers=KEY)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.headers["location"] == f"/api/dossiers/{first.json()['code']}"
    assert "001099000001" not in first.text
    other = await town.api("POST", "/api/dossiers", token, json=FILING | {"content": "khác"}, headers=KEY)
    assert (other.status_code, other.json()) == (409, {"error": "idempotency_key_reused"})

    path = first.headers["location"]
    assert (await town.api("GET", path, token)).json() == first.json()
    assert (await town.api("GET", "/api/dossiers", token)).json() == [first.json()]
    for stranger in ({"sub": "person-2"}, {"sub": "person-1", "client_id": "payment-gateway"}):
        strange = town.access_token("dossier.read", **stranger)
        assert (await town.api("GET", path, strange)).status_code == 404
        assert (await town.api("GET", "/api/dossiers", strange)).json() == []


@pytest.mark.parametrize(
    ("changes", "typ"),
    [
        ({"iss": "https://evil.example"}, "at+jwt"),
        ({"aud": "http://localhost:9000"}, "at+jwt"),
        ({"aud": ["https://elsewhere.example"]}, "at+jwt"),
        ({"aud": ...}, "at+jwt"),
        ({"exp": 1_789_999_000}, "at+jwt"),
        ({"exp": ...}, "at+jwt"),
        ({"nbf": 1_790_001_000}, "at+jwt"),
        ({"iat": ...}, "at+jwt"),
        ({"sub": ...}, "at+jwt"),
        ({"client_id": ...}, "at+jwt"),
        ({"jti": ...}, "at+jwt"),
        ({"scope": 5}, "at+jwt"),
        ({"cnf": {"jkt": "abc"}}, "at+jwt"),
        ({}, "JWT"),
        ({}, "logout+jwt"),
        ({}, None),
    ],
)
async def test_a_token_that_is_not_for_this_api_is_refused(
    town: Town, changes: dict[str, Any], typ: str | None
) -> None:
    audience = f"{MINISTRY}/api"
    claims = town.provider.access_token_claims("national-portal", audience, "dossier.read") | changes
    token = town.provider.signed({name: value for name, value in claims.items() if value is not ...}, typ=typ)
    answer = await town.api("GET", "/api/dossiers", token)
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_token"})
    assert answer.headers["www-authenticate"] == 'Bearer realm="dossiers", error="invalid_token"'
    assert answer.headers["cache-control"] == "no-store"


async def test_a_token_nobody_signed_or_someone_else_did_is_refused(town: Town) -> None:
    claims = town.provider.access_token_claims("national-portal", f"{MINISTRY}/api", "dossier.read")
    body = town.provider.signed(claims, typ="at+jwt").split(".")[1]
    stranger = ECKey.generate_key("P-256", {"kid": "key-1"})
    for token in (
        f"eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.{body}.",
        town.provider.signed(claims, typ="at+jwt", key=stranger),
        town.provider.signed(claims, typ="at+jwt", kid="unknown"),
        "garbage",
        "ü",
    ):
        headers = {"Authorization": f"Bearer {token}".encode()}
        assert (await town.api("GET", "/api/dossiers", headers=headers)).status_code == 401


async def test_rs256_and_the_long_type_and_an_audience_list_are_taken_too(town: Town) -> None:
    key = RSAKey.generate_key(2048, {"kid": "rsa-1", "use": "sig", "alg": "RS256"})
    town.provider.published.append(key)
    audience = f"{MINISTRY}/api"
    claims = town.provider.access_token_claims("national-portal", audience, "dossier.read", aud=[audience])
    token = town.provider.signed(claims, typ="application/at+jwt", key=key)
    assert (await town.api("GET", "/api/dossiers", token)).status_code == 200


async def test_without_a_token_the_challenge_names_no_error(town: Town) -> None:
    for headers in ({}, {"Authorization": "Basic abc"}, {"Authorization": "Bearer "}):
        answer = await town.api("GET", "/api/dossiers", headers=headers)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="dossiers"')


async def test_two_authorization_headers_are_refused(town: Town) -> None:
    token = town.access_token("dossier.read")
    async with town.browser() as client:
        answer = await client.get(
            f"{MINISTRY}/api/dossiers", headers=[("Authorization", f"Bearer {token}"), ("Authorization", "Bearer x")]
        )
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})


async def test_each_operation_needs_its_scope(town: Town) -> None:
    for method, path, scope in (
        ("GET", "/api/dossiers", "dossier.read"),
        ("GET", "/api/dossiers/G10-000000-AAAAAAAA", "dossier.read"),
        ("POST", "/api/dossiers", "dossier.write"),
        ("GET", "/api/payments/AAAAAAAAAAAAAAAAAAAAAAAAAA", "payment.report"),
        ("PUT", "/api/payments/AAAAAAAAAAAAAAAAAAAAAAAAAA", "payment.report"),
    ):
        others = {"dossier.read", "dossier.write", "payment.report", "openid"} - {scope}
        body = FILING if method == "POST" else {"amount": 5000, "receipt": "BL-12345678"}
        answer = await town.api(
            method,
            path,
            town.access_token(" ".join(others)),
            **({} if method == "GET" else {"json": body}),
            headers=KEY,
        )
        assert answer.status_code == 403, (method, path)
        assert answer.headers["www-authenticate"].endswith(f'error="insufficient_scope", scope="{scope}"')


async def test_unseen_key_ids_cause_few_fetches_and_a_rotated_key_is_found(town: Town) -> None:
    good = town.access_token("dossier.read")
    assert (await town.api("GET", "/api/dossiers", good)).status_code == 200
    claims = town.provider.access_token_claims("national-portal", f"{MINISTRY}/api", "dossier.read")
    for number in range(20):
        token = town.provider.signed(claims, typ="at+jwt", kid=f"made-up-{number}")
        assert (await town.api("GET", "/api/dossiers", token)).status_code == 401
    assert len(town.provider.calls("/jwks")) == 1
    town.clock.advance(11)
    town.provider.rotate_key()
    assert (await town.api("GET", "/api/dossiers", town.access_token("dossier.read"))).status_code == 200
    assert (await town.api("GET", "/api/dossiers", good)).status_code == 200
    assert len(town.provider.calls("/jwks")) == 2


async def test_a_withdrawn_key_is_forgotten_within_the_hour(town: Town) -> None:
    town.provider.expires_in = 100_000
    token = town.access_token("dossier.read")
    assert (await town.api("GET", "/api/dossiers", token)).status_code == 200
    town.provider.rotate_key()
    del town.provider.published[0]
    town.clock.advance(3600)
    assert (await town.api("GET", "/api/dossiers", token)).status_code == 401


async def test_while_the_keys_cannot_be_read_the_api_says_try_later(town: Town) -> None:
    token = town.access_token("dossier.read")
    town.network.down.add(9000)
    answer = await town.api("GET", "/api/dossiers", token)
    assert (answer.status_code, answer.json()) == (503, {"error": "temporarily_unavailable"})


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        FILING | {"procedure": 5},
        FILING | {"procedure": "no-such"},
        FILING | {"content": ""},
        FILING | {"content": "x" * 4001},
        FILING | {"content": "\x00"},
        FILING | {"unknown": True},
        FILING | {"applicant": {"name": "A", "personal_number": "00109900000"}},
        FILING | {"applicant": {"name": "A", "personal_number": "٠٠١٠٩٩٠٠٠٠٠١"}},
        FILING | {"applicant": {"name": "", "personal_number": "001099000001"}},
    ],
)
async def test_a_filing_that_is_not_one_is_refused(town: Town, body: object) -> None:
    answer = await town.api("POST", "/api/dossiers", town.access_token("dossier.write"), json=body, headers=KEY)
    assert answer.status_code in {400, 422}
    assert set(answer.json()) == {"error"}


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b'{"procedure": "\\ud800"}', b"[" * 60_000])
async def test_a_body_that_is_not_json_is_refused(town: Town, content: bytes) -> None:
    headers = KEY | {"Content-Type": "application/json"}
    answer = await town.api(
        "POST", "/api/dossiers", town.access_token("dossier.write"), content=content, headers=headers
    )
    assert answer.status_code == 400


async def test_a_body_beyond_the_limit_is_refused(town: Town) -> None:
    headers = KEY | {"Content-Type": "application/json"}
    body = b'"' + b"x" * 70_000 + b'"'
    answer = await town.api("POST", "/api/dossiers", town.access_token("dossier.write"), content=body, headers=headers)
    assert (answer.status_code, answer.json()) == (413, {"error": "too_large"})


@pytest.mark.parametrize("key", ["short", "x" * 129, "with space 0123456"])
async def test_an_idempotency_key_that_is_not_one_is_refused(town: Town, key: str) -> None:
    token = town.access_token("dossier.write")
    answer = await town.api("POST", "/api/dossiers", token, json=FILING, headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_idempotency_key"})
    assert (await town.api("POST", "/api/dossiers", token, json=FILING)).status_code == 400


async def test_what_can_be_filed_is_open_data(town: Town) -> None:
    listed = (await town.api("GET", "/api/procedures")).json()
    assert "land-extract" in {procedure["code"] for procedure in listed}


async def test_unknown_addresses_of_the_api_answer_json(town: Town) -> None:
    answer = await town.api("GET", "/api/nothing")
    assert (answer.status_code, answer.json()) == (404, {"error": "not_found"})
    assert (await town.api("GET", "/api/dossiers/%C3%BC", town.access_token("dossier.read"))).status_code == 404


async def test_a_payment_is_reported_once_and_only_with_the_right_amount(town: Town) -> None:
    path = f"/api/payments/{await fee_reference(town)}"
    token = town.access_token("payment.report", client_id="payment-gateway")
    order = (await town.api("GET", path, token)).json()
    assert (order["amount"], order["is_paid"]) == (2_000_000, False)

    payment = {"amount": 2_000_000, "receipt": "BL-12345678"}
    for wrong in (1, 1_999_999, 2**70):
        answer = await town.api("PUT", path, token, json=payment | {"amount": wrong})
        assert (answer.status_code, answer.json()) == (409, {"error": "amount_mismatch"})
    for _ in range(2):
        answer = await town.api("PUT", path, token, json=payment)
        assert (answer.status_code, answer.json()["is_paid"]) == (200, True)
    second = await town.api("PUT", path, token, json=payment | {"receipt": "BL-87654321"})
    assert (second.status_code, second.json()) == (409, {"error": "already_paid"})
    history = party(town.ministry).database.rows("SELECT event FROM dossier_history WHERE event = 'paid'")
    assert len(history) == 1


async def test_an_unknown_payment_is_not_found(town: Town) -> None:
    token = town.access_token("payment.report")
    path = "/api/payments/AAAAAAAAAAAAAAAAAAAAAAAAAA"
    assert (await town.api("GET", path, token)).status_code == 404
    answer = await town.api("PUT", path, token, json={"amount": 5000, "receipt": "BL-12345678"})
    assert answer.status_code == 404
    for receipt in ("short", "BL 12345678", "x" * 65):
        answer = await town.api("PUT", path, token, json={"amount": 5000, "receipt": receipt})
        assert answer.status_code == 400


async def test_the_api_needs_no_session_and_the_pages_take_no_token(town: Town) -> None:
    token = town.access_token("dossier.read")
    async with town.browser() as client:
        page = await client.get(f"{MINISTRY}/officer", headers={"Authorization": f"Bearer {token}"})
    assert page.status_code == 403
    browser = await town.citizen()
    await browser.get(f"{MINISTRY}/sign-in")
    assert (await browser.get(f"{MINISTRY}/api/dossiers")).status_code == 401
    assert (await browser.get(f"{GATEWAY}/api/dossiers")).status_code == 404


@pytest.mark.parametrize("claims", [{"acr": "urn:vn:loa:1"}, {"auth_time": 1_700_000_000}, {"acr": ...}])
async def test_whoever_files_must_have_signed_in_well_enough_and_not_too_long_ago(
    town: Town, claims: dict[str, Any]
) -> None:
    token = town.access_token("dossier.read dossier.write", sub="person-1", **claims)
    refused = await town.api("POST", "/api/dossiers", token, json=FILING, headers=KEY)
    assert refused.status_code == 401
    # RFC 9470 section 3.
    challenge = refused.headers["www-authenticate"]
    assert 'error="insufficient_user_authentication"' in challenge
    assert 'acr_values="urn:vn:loa:2"' in challenge
    assert 'max_age="43200"' in challenge
    assert (await town.api("GET", "/api/dossiers", token)).status_code == 200


async def test_the_portal_has_the_person_sign_in_again_when_the_ministry_asks_for_it(town: Town) -> None:
    town.provider.acr = "urn:vn:loa:1"
    browser = await town.citizen()
    before = len(town.provider.calls("/authorize"))
    page = await file_dossier(browser)
    (again,) = town.provider.calls("/authorize")[before:]
    assert (again["acr_values"], again["max_age"]) == ("urn:vn:loa:2", "43200")
    assert page.url.path == "/dossiers/new"
    assert code_of(await file_dossier(browser))
