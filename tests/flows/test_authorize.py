"""The authorization endpoint as a browser meets it: what is asked again, what is kept, and what is refused."""

import re
from dataclasses import replace
from html import unescape

import pytest

from idp.domain.events import ClientChanged, Origin
from idp.domain.ids import ClientId, RequestId
from tests.flows.provider import CALLBACK, PASSWORD, Browser, Page, Provider, unverified_claims

AN = "001099000001"
BROWSER_COOKIE = "idp8000-browser"


async def auth_time(browser: Browser, page: Page) -> int:
    response = await browser.redeem(page)
    return int(unverified_claims(response.json()["id_token"])["auth_time"])


def cookie_names(page: Page) -> set[str]:
    return {line.partition("=")[0] for line in page.response.headers.get_list("set-cookie")}


async def test_a_session_answers_at_once(browser: Browser) -> None:
    await browser.signed_in()

    assert "code" in (await browser.authorize()).answer


async def test_prompt_login_asks_again_whoever_is_signed_in(provider: Provider, browser: Browser) -> None:
    first = await auth_time(browser, await browser.signed_in())
    provider.clock.advance(1)

    page = await browser.authorize(prompt="login")
    assert page.has_form("sign-in")
    assert await auth_time(browser, await browser.sign_in(page)) > first


async def test_select_account_lets_somebody_else_sign_in(browser: Browser) -> None:
    await browser.signed_in()

    assert (await browser.authorize(prompt="select_account")).has_form("sign-in")


@pytest.mark.parametrize(("elapsed", "max_age", "asked"), [(1, 1, True), (0, 0, True), (9, 10, False), (10, 10, True)])
async def test_max_age_counts_whole_seconds_strictly(
    provider: Provider, browser: Browser, elapsed: int, max_age: int, asked: bool
) -> None:
    await browser.signed_in()
    provider.clock.advance(elapsed)

    assert (await browser.authorize(max_age=str(max_age))).has_form("sign-in") is asked


async def test_a_sign_in_made_for_a_request_meets_its_max_age_however_slow_the_person_is(
    provider: Provider, browser: Browser
) -> None:
    page = await browser.authorize("gateway", max_age="1")
    page = await browser.submit(page, "sign-in", username=AN, password=PASSWORD)
    provider.clock.advance(60)

    assert "code" in (await browser.submit(page, "otp", code=provider.one_time_code())).answer


async def test_a_step_up_does_not_make_an_old_sign_in_young(provider: Provider, browser: Browser) -> None:
    await browser.signed_in()
    provider.clock.advance(290)
    page = await browser.authorize("gateway", max_age="300")
    assert page.has_form("otp")
    provider.clock.advance(20)

    page = await browser.submit(page, "otp", code=provider.one_time_code())

    assert page.has_form("sign-in")


async def test_looking_at_the_end_of_an_attempt_does_not_make_an_old_sign_in_young(
    provider: Provider, browser: Browser
) -> None:
    await browser.signed_in("gateway")
    page = await browser.authorize("gateway", scope="openid profile", max_age="300")
    assert page.has_form("consent")
    attempt = page.path.removesuffix("/consent")
    await browser.get(f"{attempt}/done")
    provider.clock.advance(600)

    page = await browser.get(attempt.replace("/sign-in/", "/authorize/"))

    assert page.has_form("sign-in")


async def test_a_session_of_the_wrong_kind_does_not_count(browser: Browser) -> None:
    await browser.signed_in()

    assert (await browser.authorize("officers")).has_form("sign-in")
    assert (await browser.authorize("officers", prompt="none")).answer["error"] == "login_required"


@pytest.mark.parametrize("prompt", ["none", None])
async def test_a_hint_about_the_person_signed_in_is_answered_silently(browser: Browser, prompt: str | None) -> None:
    id_token = (await browser.tokens())["id_token"]

    assert "code" in (await browser.authorize(id_token_hint=id_token, prompt=prompt)).answer


async def test_a_hint_about_somebody_else_asks_that_person_to_sign_in(provider: Provider, browser: Browser) -> None:
    hint = (await browser.tokens())["id_token"]
    other = provider.browser()
    await other.sign_in(await other.authorize(), "binh@example.vn")

    assert (await other.authorize(id_token_hint=hint, prompt="none")).answer["error"] == "login_required"
    page = await other.authorize(id_token_hint=hint)
    assert page.has_form("sign-in")
    assert (await other.sign_in(page, "binh@example.vn")).answer["error"] == "login_required"


async def test_a_client_may_name_several_people_of_whom_one_has_to_be_signed_in(browser: Browser) -> None:
    subject = unverified_claims((await browser.tokens())["id_token"])["sub"]
    one_of = f'{{"id_token": {{"sub": {{"values": ["somebody-else", "{subject}"]}}}}}}'
    another = '{"id_token": {"sub": {"value": "somebody-else"}}}'

    assert "code" in (await browser.authorize(claims=one_of, prompt="none")).answer
    assert (await browser.authorize(claims=another, prompt="none")).answer["error"] == "login_required"


async def test_a_hint_and_a_named_subject_have_to_agree(browser: Browser) -> None:
    id_token = (await browser.tokens())["id_token"]
    another = '{"id_token": {"sub": {"value": "somebody-else"}}}'

    answer = (await browser.authorize(claims=another, id_token_hint=id_token, prompt="none")).answer
    assert answer["error"] == "login_required"


async def test_two_tabs_finish_their_sign_ins_in_any_order(browser: Browser) -> None:
    first = await browser.authorize(state="first")
    second = await browser.authorize(state="second")

    assert (await browser.sign_in(second)).answer["state"] == "second"
    assert (await browser.sign_in(first)).answer["state"] == "first"


async def test_the_back_button_leads_on_again_and_not_into_an_error(browser: Browser) -> None:
    page = await browser.authorize()
    await browser.sign_in(page)

    assert "code" in (await browser.get(page.path)).answer
    assert "code" in (await browser.sign_in(page)).answer


async def test_whoever_is_asked_for_a_code_may_go_back_and_be_somebody_else(browser: Browser) -> None:
    page = await browser.authorize("gateway")
    code_page = await browser.submit(page, "sign-in", username="binh@example.vn", password=PASSWORD)
    assert code_page.has_form("activate")

    page = await browser.get(page.path)
    assert (await browser.submit(page, "sign-in", username=AN, password=PASSWORD)).has_form("otp")


@pytest.mark.parametrize(
    "step", ["code", "recovery-code", "activate", "enrol", "enrol-passkey", "recovery-codes", "done"]
)
async def test_a_step_that_is_not_due_leads_to_the_one_that_is(browser: Browser, step: str) -> None:
    page = await browser.authorize()

    later = await browser.get(f"{page.path}/{step}")

    assert later.path == page.path
    assert later.has_form("sign-in")


@pytest.mark.parametrize(
    ("step", "fields"),
    [
        ("code", {"code": "000000"}),
        ("recovery-code", {"code": "AAAAA-AAAAA"}),
        ("activate", {"code": "000000"}),
        ("activate/resend", {}),
        ("enrol", {"code": "000000"}),
        ("recovery-codes", {"saved": "yes"}),
        ("consent", {"decision": "allow"}),
    ],
)
async def test_a_submission_that_is_not_due_changes_nothing(
    browser: Browser, step: str, fields: dict[str, str]
) -> None:
    page = await browser.authorize("gateway", scope="openid profile")
    _, hidden = page.form("sign-in")

    await browser.http.post(f"{page.path}/{step}", data={**hidden, **fields})

    assert (await browser.get(page.path)).has_form("sign-in")
    assert browser.provider.mails() == []


@pytest.mark.parametrize("attempt", ["x", "%00", "%ff%fe", "..%2f..", "a" * 4000, "’", "{{7*7}}"])
async def test_an_attempt_that_never_was_is_gone(browser: Browser, attempt: str) -> None:
    for path in (f"/sign-in/{attempt}", f"/authorize/{attempt}", f"/sign-in/{attempt}/consent"):
        page = Page(await browser.http.get(path))
        assert page.status in {404, 410}
        assert page.error_code in {"not_found", "sign_in_expired"}


async def test_a_service_says_which_language_it_would_like(browser: Browser) -> None:
    page = await browser.authorize(ui_locales="fr en vi")
    assert '<html lang="en">' in page.text

    page = await browser.submit(page, "sign-in", username=AN, password="wrong")
    assert '<html lang="en">' in page.text
    assert '<html lang="vi">' in (await browser.authorize(ui_locales="tlh")).text


async def test_what_the_person_chose_outweighs_what_the_service_would_like(browser: Browser) -> None:
    page = await browser.authorize(ui_locales="vi")
    english = re.search(r'<a href="([^"]*)" lang="en"', page.text)
    assert english

    page = await browser.get(unescape(english[1]))
    assert '<html lang="en">' in page.text
    assert page.has_form("sign-in")
    assert '<html lang="en">' in (await browser.authorize(ui_locales="vi")).text
    assert '<html lang="en">' in (await browser.get("/help")).text


@pytest.mark.parametrize("language", ["xx", "", "vi%0d%0aset-cookie:a=b", "../en"])
async def test_a_language_nobody_speaks_here_sets_no_cookie(browser: Browser, language: str) -> None:
    page = Page(await browser.http.get(f"/help?lang={language}"))

    assert page.status == 200
    assert cookie_names(page) <= {BROWSER_COOKIE}


async def test_head_answers_as_get_without_content(browser: Browser) -> None:
    page = await browser.authorize()

    for path in (page.path, "/help", "/no-such-page"):
        head, got = await browser.http.head(path), await browser.http.get(path)
        assert head.content == b""
        assert head.status_code == got.status_code
        assert head.headers["content-length"] == got.headers["content-length"]


@pytest.mark.parametrize("path", ["/authorize", "/logout", "/account", "/sign-out", "/help", "/authorize/x"])
@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH", "OPTIONS"])
async def test_another_method_is_refused_and_told_which_ones_there_are(
    browser: Browser, path: str, method: str
) -> None:
    response = await browser.http.request(method, path)

    assert response.status_code == 405
    assert "GET" in response.headers["allow"]


VALID = f"/authorize?client_id=portal&redirect_uri={CALLBACK}&response_type=code&scope=openid"


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("&scope=openid", 400, "invalid_request"),
        ("&state=a&state=a", 400, "invalid_request"),
        ("&client_id=portal", 400, "invalid_request"),
        ("&state=%00", 400, "invalid_request"),
        ("&state=%ff", 400, "invalid_request"),
        ("&state=%zz", 400, "invalid_request"),
        ("&" + "&".join(f"a{n}=1" for n in range(200)), 400, "invalid_request"),
        ("&state=" + "a" * 20_000, 414, "request_too_large"),
    ],
)
async def test_a_request_that_cannot_be_read_is_a_page_and_costs_no_cookie(
    browser: Browser, query: str, status: int, code: str
) -> None:
    page = await browser.authorize()
    before = browser.http.cookies[BROWSER_COOKIE]

    refused = Page(await browser.http.get(VALID + query))

    assert refused.status == status
    assert refused.error_code == code
    assert browser.http.cookies[BROWSER_COOKIE] == before
    assert (await browser.get(page.path)).has_form("sign-in")


async def test_two_lines_of_accepted_languages_are_one_list(browser: Browser) -> None:
    languages = [("accept-language", "fr"), ("accept-language", "en")]
    page = Page(await browser.http.get("/help", headers=languages))

    assert page.status == 200
    assert '<html lang="en">' in page.text


async def test_a_form_from_another_site_is_answered_with_a_get(browser: Browser) -> None:
    fields = {
        "client_id": "portal",
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": "openid",
        "state": "é&",
    }
    response = await browser.http.post("/authorize", data=fields)

    assert response.status_code == 303
    page = await browser.get(response.headers["location"])
    assert (await browser.sign_in(page)).answer["state"] == "é&"


@pytest.mark.parametrize("path", ["/authorize", "/logout"])
async def test_a_form_from_another_site_costs_no_cookie(browser: Browser, path: str) -> None:
    stranger = browser.provider.browser()

    response = await stranger.http.post(path, data={"client_id": "portal"})

    assert response.status_code == 303
    assert "set-cookie" not in response.headers


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"{}", "application/json", 415),
        (b"client_id=portal&client_id=portal", "application/x-www-form-urlencoded", 400),
        (b"state=%ff", "application/x-www-form-urlencoded", 400),
        (b"state=" + b"a" * 20_000, "application/x-www-form-urlencoded", 414),
        (b"state=" + b"a" * 70_000, "application/x-www-form-urlencoded", 413),
    ],
)
async def test_a_form_that_cannot_be_read_is_a_page(
    browser: Browser, content: bytes, content_type: str, status: int
) -> None:
    response = await browser.http.post("/authorize", content=content, headers={"content-type": content_type})

    assert response.status_code == status
    assert Page(response).error_code


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "multipart/form-data; boundary=x"])
async def test_a_sign_in_form_of_another_type_is_refused(browser: Browser, content_type: str) -> None:
    page = await browser.authorize()

    response = await browser.http.post(page.path, content=b"{}", headers={"content-type": content_type})

    assert response.status_code == 415


async def test_the_form_post_page_submits_itself_under_its_own_policy(browser: Browser) -> None:
    page = await browser.signed_in(response_mode="form_post", state='"><script>alert(1)</script>')

    assert page.status == 200
    assert page.answer["state"] == '"><script>alert(1)</script>'
    assert page.text.count("<script>") == 1
    policy = page.response.headers["content-security-policy"]
    assert "form-action 'self' http:;" in policy
    assert re.search(r"script-src 'sha256-[A-Za-z0-9+/=]+'", policy)
    assert page.response.headers["cache-control"] == "no-store"
    action, _ = page.form("form-post")
    assert action == CALLBACK


async def test_a_form_leads_here_and_on_to_services_and_a_picture_is_the_client_s(browser: Browser) -> None:
    page = await browser.authorize("gateway")

    policy = page.response.headers["content-security-policy"]
    assert "form-action 'self' http:;" in policy
    assert "img-src 'self' data: http://localhost:9001" in policy
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert page.response.headers["x-frame-options"] == "DENY"


async def test_the_sign_in_page_names_who_asks(browser: Browser) -> None:
    page = await browser.authorize("gateway")

    assert "Payment gateway" in page.text
    assert 'src="http://localhost:9001/logo.svg"' in page.text
    assert 'href="http://localhost:9001/policy"' in page.text
    assert 'href="http://localhost:9001/terms"' in page.text


async def test_a_login_hint_stands_in_the_form_and_an_absurd_one_does_not(browser: Browser) -> None:
    assert 'value="an@example.vn"' in (await browser.authorize(login_hint="an@example.vn")).text
    assert "x" * 321 not in (await browser.authorize(login_hint="x" * 321)).text
    assert 'value="&#34;&gt;&lt;b&gt;"' in (await browser.authorize(login_hint='"><b>')).text


async def test_a_redirect_uri_keeps_the_query_it_was_registered_with(browser: Browser) -> None:
    page = await browser.signed_in(redirect_uri=f"{CALLBACK}?own=query")

    assert page.location.startswith(f"{CALLBACK}?own=query&code=")
    refused = await browser.authorize(redirect_uri=f"{CALLBACK}?own=query", prompt="none login")
    assert refused.location.startswith(f"{CALLBACK}?own=query&error=invalid_request&")


async def test_a_sign_in_made_for_a_request_is_not_there_for_the_next_person_at_this_browser(browser: Browser) -> None:
    page = await browser.authorize(prompt="login")
    await browser.sign_in(page)

    assert (await browser.get(page.path)).has_form("sign-in")


async def test_a_client_that_is_disabled_meanwhile_gets_nothing(provider: Provider, browser: Browser) -> None:
    page = await browser.authorize()
    client = await provider.stores.clients.get(ClientId("portal"))
    assert client
    origin = Origin(RequestId("disable"), "test")
    event = ClientChanged(origin=origin, client_id=client.client_id, change="disabled")
    await provider.stores.client_registry.save(replace(client, disabled=True), event)
    provider.clock.advance(2)

    page = await browser.submit(page, "sign-in", username=AN, password=PASSWORD)

    assert page.status == 400
    assert page.error_code == "invalid_client"


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_what_is_not_there_is_not_there_for_any_method(provider: Provider, method: str) -> None:
    answer = await provider.client().request(method, "/no-such-page/abc")
    assert (answer.status_code, "allow" in answer.headers) == (404, False)


async def test_help_leads_to_opening_an_account_only_where_one_can_be_opened(provider: Provider) -> None:
    assert "/open-account" not in (await provider.browser().get("/help")).text
