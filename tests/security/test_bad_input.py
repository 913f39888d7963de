"""Bad input at every endpoint and page: a clear refusal, never a 5xx, and nothing of it in the log."""

import asyncio
import json
from urllib.parse import quote

import pytest

from bench.connection import Answer
from bench.visitor import find_form
from tests.relying_party import FORM, VERIFIER, ask, authorize_url, basic, sign_in, visitor
from tests.server import CALLBACK, CITIZEN, MACHINE, PASSWORD, PORTAL, TOTP_SECRET, ProviderProcess

pytestmark = pytest.mark.slow

GETTABLE = ("/authorize", "/userinfo", "/logout", "/account", "/livez", "/.well-known/openid-configuration", "/jwks")
POSTABLE = ("/authorize", "/token", "/introspect", "/revoke", "/userinfo", "/logout")
AUTHORIZATION = {"authorization": basic(PORTAL), "content-type": FORM}

REQUEST = f"client_id=portal&redirect_uri={quote(CALLBACK)}&response_type=code&scope=openid"
QUERIES = {
    "overlong": "state=" + "x" * 20_000,
    "overlong value within bounds": "client_id=portal&state=" + "x" * 12_000,
    "repeated": "client_id=portal&client_id=portal",
    "repeated by another spelling": "client_id=portal&%63lient_id=portal",
    "nul": "client_id=por%00tal",
    "broken escape": "client_id=%zz",
    "broken utf-8": "client_id=%ff%fe",
    "overlong utf-8": "client_id=%c0%af",
    "lone surrogate": "client_id=%ed%a0%80",
    "many": "&".join(f"p{number}=x" for number in range(500)),
    "absurd json": "client_id=portal&claims=" + quote("[" * 5000),
    "deep json": REQUEST + "&claims=" + quote('{"userinfo":' * 400 + "1" + "}" * 400),
    "wrong json": REQUEST + "&claims=" + quote('{"userinfo":{"name":{"essential":"yes","values":{}}}}'),
    "huge number": REQUEST + "&max_age=" + "9" * 4000,
    "negative number": REQUEST + "&max_age=-1",
    "other digits": REQUEST + "&max_age=%D9%A3",
    "unknown client": "client_id=nobody",
    "control characters": REQUEST + "&state=a%0d%0ab",
    "emoji": REQUEST + "&state=%F0%9F%98%80",
    "token as hint": REQUEST + "&id_token_hint=a.b.c",
    "nothing": "",
    "no name": "=x&=y",
}


def _is_a_clear_refusal(answer: Answer) -> bool:
    """A 4xx with words or a code, or an OAuth error sent back to the registered redirect URI."""
    if answer.status in {302, 303}:
        return True
    says_why = len(answer.body) > 0 or answer.header("www-authenticate") is not None
    return 400 <= answer.status < 500 and says_why and b"Traceback" not in answer.body


@pytest.mark.parametrize("path", GETTABLE)
async def test_no_query_string_brings_a_server_error(provider: ProviderProcess, path: str) -> None:
    for name, query in QUERIES.items():
        answer = await ask(provider, "GET", f"{path}?{query}")
        assert answer.status < 500, name
        assert b"Traceback" not in answer.body, name


@pytest.mark.parametrize("path", POSTABLE)
async def test_no_form_brings_a_server_error(provider: ProviderProcess, path: str) -> None:
    for name, query in QUERIES.items():
        answer = await ask(provider, "POST", path, AUTHORIZATION, query.encode())
        assert answer.status < 500, name
        if path != "/logout":
            assert _is_a_clear_refusal(answer), (name, answer.status, answer.body[:200])


@pytest.mark.parametrize("path", ["/token", "/introspect", "/revoke"])
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b'{"grant_type":"client_credentials"}'),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n--x--"),
        ("text/plain", b"grant_type=client_credentials"),
        (FORM + "; charset=utf-16", "grant_type=x".encode("utf-16")),
        (FORM, b"\xff\xfe\x00"),
        (FORM, b"grant_type=" + b"x" * 70_000),
    ],
)
async def test_an_oauth_endpoint_refuses_what_is_no_form_as_an_invalid_request(
    provider: ProviderProcess, path: str, content_type: str, body: bytes
) -> None:
    answer = await ask(provider, "POST", path, {"authorization": basic(MACHINE), "content-type": content_type}, body)
    assert answer.status in {400, 413, 415}
    assert json.loads(answer.body)["error"] == "invalid_request"
    assert answer.header("cache-control") == "no-store"


async def test_a_body_without_end_is_refused_before_anybody_looks_who_sent_it(provider: ProviderProcess) -> None:
    for path in ("/api/admin/clients", "/scim/v2/Users", "/register"):
        for size in (66_000, 2_000_000):
            answer = await ask(provider, "POST", path, {"content-type": "application/json"}, b"[" * size)
            assert answer.status == 413, path


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
@pytest.mark.parametrize("path", [*GETTABLE, "/token", "/introspect", "/revoke", "/sign-in/x", "/metrics"])
async def test_a_wrong_method_is_refused(provider: ProviderProcess, path: str, method: str) -> None:
    answer = await ask(provider, method, path)
    if method == "OPTIONS" and answer.status == 204:
        # Endpoints that scripts may call answer a preflight, and promise nothing to whoever has no registered origin.
        assert answer.header("access-control-allow-origin") in {None, "*"}
        return
    assert answer.status in {400, 404, 405}
    if answer.status == 405:
        assert answer.header("allow")


@pytest.mark.parametrize(
    ("path", "allowed"), [("/token", "OPTIONS, POST"), ("/introspect", "POST"), ("/revoke", "OPTIONS, POST")]
)
async def test_a_form_endpoint_answers_no_get(provider: ProviderProcess, path: str, allowed: str) -> None:
    answer = await ask(provider, "GET", path)
    assert (answer.status, answer.header("allow")) == (405, allowed)


@pytest.mark.parametrize("path", ["/token", "/introspect", "/revoke", "/userinfo"])
async def test_an_odd_authorization_header_is_refused(provider: ProviderProcess, path: str) -> None:
    body = b"grant_type=client_credentials&token=x"
    for authorization in ODD_AUTHORIZATION:
        answer = await ask(provider, "POST", path, {"authorization": authorization, "content-type": FORM}, body)
        assert answer.status in {400, 401}, authorization
        assert answer.header("www-authenticate") or answer.status == 400, authorization


ODD_AUTHORIZATION = (
    "Basic",
    "Basic !!!!",
    "Basic " + "A" * 9000,
    "Basic AAAA",
    "Basic //8=",
    "Basic cG9ydGFsOgA=",
    "Bearer x",
    "Bearer " + "x" * 9000,
    "Digest username=x",
    "Basic cG9ydGFs",
    "bAsIc Og==",
)

PAGES = (
    "/sign-in/unknown",
    "/sign-in/" + "x" * 2000,
    "/sign-in/%00",
    "/api/admin/locks/accounts/%00/end-own",
    "/sign-in/%ff",
    "/sign-in/..%2f..%2fetc%2fpasswd",
    "/authorize/unknown",
    "/account/approvals/unknown",
    "/static/../app.py",
    "/static/%2e%2e/%2e%2e/settings.py",
    "/nothing",
    "/%E1%BB%AF",
    "/a%0d%0aset-cookie:x=y",
)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", PAGES)
async def test_an_unknown_page_or_step_is_a_clear_refusal(provider: ProviderProcess, path: str, method: str) -> None:
    answer = await ask(provider, method, path, {"content-type": FORM, "accept": "text/html"})
    assert _is_a_clear_refusal(answer), (answer.status, answer.body[:200])
    assert answer.header("x-request-id")


FIELDS = {
    "empty": "",
    "nul": "a\0b",
    "overlong": "x" * 5000,
    "controls": "\x01\x02\x7f",
    "spaces": " \t \u3000",
    "invisible": "a\u200bb",
    "right to left": "\u202eabc",
    "astral": "😀" * 100,
    "markup": "<script>alert(1)</script>",
    "sql": "' OR 1=1 --",
    "format": "{0.__class__}%s%n${9871*9871}{{9871*9871}}",
}


@pytest.mark.parametrize("name", ["username", "password", "csrf_token"])
async def test_whatever_is_typed_on_the_sign_in_page_is_refused_on_a_page(provider: ProviderProcess, name: str) -> None:
    browser = await visitor(provider)
    page = await browser.follow(await browser.get(authorize_url()))
    form = find_form(page, "sign-in")
    assert form is not None
    for what, typed in FIELDS.items():
        fields = {**form.hidden, "username": "001099000009", "password": "wrong", name: typed}
        answer = await browser.post(form.action, fields)
        assert 400 <= answer.status < 500, what
        assert b"<main" in answer.body, what
        assert b"<script>" not in answer.body, what
        assert b"97436641" not in answer.body, what


@pytest.mark.parametrize(
    "body", [b"", b"username=a&username=b", b"%", b"username=%ff", b"x" * 70_000, b"csrf_token=" + b"x" * 60_000]
)
async def test_a_broken_form_on_the_sign_in_page_is_refused_and_the_sign_in_goes_on(
    provider: ProviderProcess, body: bytes
) -> None:
    browser = await visitor(provider)
    page = await browser.follow(await browser.get(authorize_url()))
    form = find_form(page, "sign-in")
    assert form is not None
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    answer = await ask(provider, "POST", form.action, {"content-type": FORM, "cookie": cookie}, body)
    assert 400 <= answer.status < 500
    done = await browser.submit(page, "sign-in", {"username": CITIZEN, "password": PASSWORD})
    assert done.status == 303


@pytest.mark.parametrize(
    "cookie",
    ["x" * 8000, "=", ";;;;", "idp-session=\xff", "a=b; " * 500],
)
async def test_odd_cookies_are_ignored(provider: ProviderProcess, cookie: str) -> None:
    answer = await ask(provider, "GET", authorize_url(), {"cookie": cookie})
    assert answer.status in {200, 303}


async def test_a_planted_or_stale_session_cookie_is_nobody(provider: ProviderProcess) -> None:
    for value in ("x", "x" * 3000, "../../etc", "A" * 43):
        cookie = f"idp{provider.port}-session={value}"
        answer = await ask(provider, "GET", authorize_url(prompt="none"), {"cookie": cookie})
        assert "error=login_required" in (answer.header("location") or "")


async def test_nothing_secret_or_personal_is_in_the_log(provider: ProviderProcess) -> None:
    signed_in = await sign_in(provider)
    tokens = json.loads((await signed_in.redeem(provider)).body)
    await ask(provider, "GET", f"/userinfo?access_token={tokens['access_token']}")
    await ask(provider, "GET", "/userinfo", {"authorization": f"Bearer {tokens['access_token']}"})
    await ask(provider, "GET", f"/nothing/{CITIZEN}?password={PASSWORD}")
    await asyncio.sleep(0)
    log = provider.log_path.read_text(encoding="utf-8")
    secrets = [
        signed_in.code, tokens["access_token"], tokens["refresh_token"], tokens["id_token"], PORTAL[1], MACHINE[1],
        PASSWORD, TOTP_SECRET, CITIZEN, VERIFIER, "an@example.vn", "Nguyễn",
        *(value for name, value in signed_in.browser.cookies.items() if not name.endswith("-visited")),
    ]  # fmt: skip
    assert [secret for secret in secrets if secret in log] == []
    assert "127.0.0.1" not in "".join(line for line in log.splitlines() if '"serving"' not in line)


async def test_nothing_failed_unexpectedly_and_the_provider_is_still_ready(provider: ProviderProcess) -> None:
    assert [line for line in provider.log() if line["level"] in {"error", "critical"}] == []
    assert (await ask(provider, "GET", "/readyz")).status == 200
