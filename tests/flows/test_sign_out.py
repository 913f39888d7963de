"""Signing out: asked by a service or by the person, never by a stranger, and out everywhere at once."""

import pytest

from tests.flows.provider import CALLBACK, ISSUER, PASSWORD, SECRET, Browser, Page, Provider

AFTERWARDS = "http://localhost:9001/signed-out"
SESSION = "idp8000-session"


async def is_signed_in(browser: Browser) -> bool:
    return "code" in (await browser.authorize(prompt="none")).answer


async def hint(browser: Browser, client_id: str = "portal", **parameters: str | None) -> str:
    """An ID token of a person who signs in for it."""
    return str((await browser.tokens(client_id, **parameters))["id_token"])


def is_signed_out_page(page: Page) -> bool:
    return page.status == 200 and 'data-state="signed-out"' in page.text


async def test_a_service_with_its_hint_signs_out_without_a_question(browser: Browser) -> None:
    page = await browser.get(
        "/logout", id_token_hint=await hint(browser), post_logout_redirect_uri=AFTERWARDS, state="st&te"
    )

    assert page.location == f"{AFTERWARDS}?state=st%26te"
    assert SESSION not in browser.http.cookies
    assert not await is_signed_in(browser)


async def test_signing_out_clears_the_cookie_and_kills_its_value(provider: Provider, browser: Browser) -> None:
    id_token = await hint(browser)
    value = browser.http.cookies[SESSION]
    await browser.get("/logout", id_token_hint=id_token)

    thief = provider.browser()
    thief.http.cookies.set(SESSION, value)
    assert not await is_signed_in(thief)


async def test_signing_out_once_is_signing_out_everywhere(browser: Browser) -> None:
    portal = await browser.tokens()
    page = await browser.authorize("gateway")
    answer = await browser.submit(page, "otp", code=browser.provider.one_time_code())
    gateway = (await browser.redeem(answer, "gateway")).json()

    await browser.get("/logout", id_token_hint=portal["id_token"])

    assert (await browser.userinfo(portal["access_token"])).status_code == 401
    assert (await browser.userinfo(gateway["access_token"])).status_code == 401
    response = await browser.http.post(
        "/token",
        data={"grant_type": "refresh_token", "refresh_token": gateway["refresh_token"]},
        auth=("gateway", SECRET),
    )
    assert response.json()["error"] == "invalid_grant"


async def test_every_service_that_wants_to_know_is_told_once(provider: Provider, browser: Browser) -> None:
    id_token = await hint(browser)
    await browser.authorize()

    await browser.get("/logout", id_token_hint=id_token)
    await browser.get("/logout", id_token_hint=id_token)

    assert await provider.stores.outbox.pending() == 1


async def test_without_a_hint_the_person_is_asked(browser: Browser) -> None:
    await hint(browser)

    page = await browser.get("/logout")

    assert page.has_form("sign-out")
    assert "Cổng Dịch vụ công quốc gia" in page.text
    assert await is_signed_in(browser)


async def test_yes_signs_out(browser: Browser) -> None:
    await hint(browser)

    page = await browser.submit(await browser.get("/logout"), "sign-out", decision="yes")

    assert is_signed_out_page(page)
    assert not await is_signed_in(browser)


@pytest.mark.parametrize("decision", ["no", "", "YES", "maybe"])
async def test_anything_but_yes_stays_signed_in(browser: Browser, decision: str) -> None:
    await hint(browser)

    page = await browser.submit(await browser.get("/logout"), "sign-out", decision=decision)

    assert await is_signed_in(browser)
    if decision != "no":
        assert page.status == 400
        assert page.has_form("sign-out")
        assert page.refusal


async def test_the_answer_needs_the_forms_token(browser: Browser) -> None:
    await hint(browser)

    response = await browser.http.post("/sign-out/confirm", data={"decision": "yes"})

    assert response.status_code == 403
    assert await is_signed_in(browser)


async def test_the_button_needs_the_forms_token(browser: Browser) -> None:
    await hint(browser)

    assert (await browser.http.post("/sign-out")).status_code in {403, 415}
    assert (await browser.http.post("/sign-out", data={"csrf_token": "x"})).status_code == 403
    assert await is_signed_in(browser)


async def test_looking_at_an_address_signs_nobody_out(browser: Browser) -> None:
    await hint(browser)

    for path in ("/logout", "/sign-out", "/sign-out/confirm", f"/logout?post_logout_redirect_uri={AFTERWARDS}"):
        await browser.http.get(path)
        assert await is_signed_in(browser)


async def test_somebody_elses_hint_asks_first(provider: Provider, browser: Browser) -> None:
    other = provider.browser()
    foreign = await other.redeem(await other.sign_in(await other.authorize(), "binh@example.vn"))
    await hint(browser)

    page = await browser.get(
        "/logout", id_token_hint=foreign.json()["id_token"], post_logout_redirect_uri=AFTERWARDS, state="s"
    )

    assert page.has_form("sign-out")
    assert await is_signed_in(browser)
    answer = await browser.submit(page, "sign-out", decision="yes")
    assert answer.location == f"{AFTERWARDS}?state=s"
    assert await is_signed_in(other)


async def test_a_hint_of_an_earlier_session_asks_first(browser: Browser) -> None:
    old = await hint(browser)
    await browser.get("/logout", id_token_hint=old)
    await hint(browser)

    assert (await browser.get("/logout", id_token_hint=old)).has_form("sign-out")
    assert await is_signed_in(browser)


async def test_an_expired_hint_is_still_a_hint(provider: Provider, browser: Browser) -> None:
    id_token = await hint(browser)
    provider.clock.advance(1000)

    assert is_signed_out_page(await browser.get("/logout", id_token_hint=id_token))


@pytest.mark.parametrize(
    "uri",
    [
        "http://localhost:9001/elsewhere",
        f"{AFTERWARDS}?x=1",
        f"{AFTERWARDS}/",
        f"{AFTERWARDS}#f",
        "HTTP://localhost:9001/signed-out",
        "http://localhost:9001/%73igned-out",
        "https://evil.example",
        "javascript:alert(1)",
        f"{AFTERWARDS}\r\nset-cookie: a=b",
    ],
)
async def test_nobody_is_sent_to_an_address_that_is_not_registered(browser: Browser, uri: str) -> None:
    page = await browser.get("/logout", id_token_hint=await hint(browser), post_logout_redirect_uri=uri)

    assert page.status == 400
    assert page.error_code == "invalid_logout_request"
    assert await is_signed_in(browser)


@pytest.mark.parametrize("bad", ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "x" * 9000])
async def test_a_hint_that_is_none_is_refused(browser: Browser, bad: str) -> None:
    await hint(browser)

    page = await browser.get("/logout", id_token_hint=bad or "%", post_logout_redirect_uri=AFTERWARDS)

    assert page.error_code == "invalid_logout_request"
    assert await is_signed_in(browser)


async def test_a_hint_of_another_client_than_named_is_refused(browser: Browser) -> None:
    page = await browser.get("/logout", id_token_hint=await hint(browser), client_id="gateway")

    assert page.error_code == "invalid_logout_request"


async def test_an_access_token_is_no_hint(browser: Browser) -> None:
    tokens = await browser.tokens()

    page = await browser.get("/logout", id_token_hint=tokens["access_token"])

    assert page.error_code == "invalid_logout_request"
    assert await is_signed_in(browser)


async def test_an_address_without_a_hint_is_never_gone_to(browser: Browser) -> None:
    await hint(browser)
    page = await browser.get("/logout", client_id="portal", post_logout_redirect_uri=AFTERWARDS)
    assert "<strong>Cổng Dịch vụ công quốc gia</strong>" in page.text
    assert AFTERWARDS.removesuffix("/signed-out") not in page.response.headers["content-security-policy"]
    page = await browser.submit(page, "sign-out", decision="yes")

    assert is_signed_out_page(page)
    assert AFTERWARDS not in page.text
    assert '<a class="button" href="/account">' in page.text
    assert (await browser.get("/logout", post_logout_redirect_uri=AFTERWARDS)).error_code == "invalid_logout_request"


async def test_whoever_is_signed_out_already_is_told_so(browser: Browser) -> None:
    assert is_signed_out_page(await browser.get("/logout"))
    assert is_signed_out_page(await browser.get("/logout", state="x"))
    assert is_signed_out_page(await browser.get("/sign-out"))


async def test_signing_out_twice_ends_in_the_same_place(browser: Browser) -> None:
    parameters = {"id_token_hint": await hint(browser), "post_logout_redirect_uri": AFTERWARDS}

    first, second = [await browser.get("/logout", **parameters) for _ in range(2)]

    assert first.location == second.location == AFTERWARDS


async def test_another_tab_learns_of_it(browser: Browser) -> None:
    id_token = await hint(browser)
    account = await browser.get("/account")
    assert account.has_form("sign-out-account")
    question = await browser.get("/sign-out")
    await browser.get("/logout", id_token_hint=id_token)

    assert is_signed_out_page(await browser.submit(account, "sign-out-account"))
    assert is_signed_out_page(await browser.submit(question, "sign-out", decision="yes"))
    assert (await browser.get("/account")).has_form("sign-in")


async def test_a_sign_in_that_is_under_way_goes_on_after_a_sign_out(browser: Browser) -> None:
    id_token = await hint(browser)
    page = await browser.authorize(prompt="login")
    await browser.get("/logout", id_token_hint=id_token)

    assert "code" in (await browser.sign_in(page)).answer


async def test_the_account_page_has_a_button(browser: Browser) -> None:
    await hint(browser)

    page = await browser.submit(await browser.get("/account"), "sign-out-account")

    assert is_signed_out_page(page)
    assert not await is_signed_in(browser)


async def test_a_form_may_ask_too(browser: Browser) -> None:
    fields = {"id_token_hint": await hint(browser), "post_logout_redirect_uri": AFTERWARDS, "state": "s"}

    response = await browser.http.post("/logout", data=fields)

    assert response.status_code == 303
    assert (await browser.get(response.headers["location"])).location == f"{AFTERWARDS}?state=s"


@pytest.mark.parametrize("query", ["state=a&state=b", "state=%00", "state=%ff", "id_token_hint=a&id_token_hint=b"])
async def test_a_request_that_cannot_be_read_changes_nothing(browser: Browser, query: str) -> None:
    await hint(browser)

    page = Page(await browser.http.get(f"/logout?{query}"))

    assert page.status == 400
    assert page.error_code == "invalid_request"
    assert await is_signed_in(browser)


async def test_a_state_of_a_thousand_characters_comes_back(browser: Browser) -> None:
    state = "s" * 1000
    page = await browser.get(
        "/logout", id_token_hint=await hint(browser), post_logout_redirect_uri=AFTERWARDS, state=state
    )

    assert page.answer == {"state": state}


async def test_the_question_may_lead_here_and_on_to_the_service(provider: Provider, browser: Browser) -> None:
    other = provider.browser()
    foreign = await other.redeem(await other.sign_in(await other.authorize(), "binh@example.vn"))
    await hint(browser)

    page = await browser.get("/logout", id_token_hint=foreign.json()["id_token"], post_logout_redirect_uri=AFTERWARDS)

    assert "form-action 'self' http:;" in page.response.headers["content-security-policy"]


async def test_whoever_signed_out_starts_anew(browser: Browser) -> None:
    await browser.get("/logout", id_token_hint=await hint(browser))

    page = await browser.authorize()

    assert page.has_form("sign-in")
    answer = await browser.submit(page, "sign-in", username="001099000001", password=PASSWORD)
    assert answer.location.startswith(CALLBACK)
    assert answer.answer["iss"] == ISSUER


async def test_signing_out_everywhere_ends_every_browser_of_the_account(provider: Provider, browser: Browser) -> None:
    elsewhere = provider.browser()
    tokens = await elsewhere.tokens(scope="openid offline_access")
    await browser.signed_in()

    page = await browser.submit(await browser.get("/account"), "sign-out-everywhere")

    assert 'data-state="signed-out"' in page.text
    for one in (browser, elsewhere):
        assert (await one.authorize(prompt="none")).answer["error"] == "login_required"
    assert (await elsewhere.userinfo(tokens["access_token"])).status_code == 401
    provider.clock.advance(1)
    assert "code" in (await browser.signed_in()).answer


async def test_nobody_signs_out_everywhere_without_the_token_of_the_form(provider: Provider, browser: Browser) -> None:
    await browser.signed_in()

    assert (await browser.http.post("/sign-out/everywhere", data={"csrf_token": "x"})).status_code == 403
    assert "code" in (await browser.authorize(prompt="none")).answer
