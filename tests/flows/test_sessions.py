"""Sessions: how long they last, what renews them, what ends them, and that nothing survives its session."""

import pytest

from tests.flows.provider import PASSWORD, SECRET, Browser, Page, Provider, unverified_claims

AN = "001099000001"
OFFICER = ("cuong@g10.example.vn", "another horse battery staple")
SESSION = "idp8000-session"
MINUTE = 60
HOUR = 3600


async def is_signed_in(browser: Browser, client_id: str = "portal") -> bool:
    return "code" in (await browser.authorize(client_id, prompt="none")).answer


async def officer_signs_in(browser: Browser) -> None:
    answer = await browser.sign_in(await browser.authorize("officers"), *OFFICER)
    assert "code" in answer.answer


async def test_a_citizens_session_ends_when_nobody_comes_back_for_half_an_hour(
    provider: Provider, browser: Browser
) -> None:
    await browser.signed_in()
    provider.clock.advance(30 * MINUTE)

    assert not await is_signed_in(browser)


async def test_whoever_comes_back_in_time_stays_signed_in(provider: Provider, browser: Browser) -> None:
    await browser.signed_in()
    for _ in range(4):
        provider.clock.advance(29 * MINUTE)
        assert await is_signed_in(browser)


async def test_a_citizens_session_ends_after_twelve_hours_however_busy(provider: Provider, browser: Browser) -> None:
    await browser.signed_in()
    for _ in range(48):
        provider.clock.advance(15 * MINUTE - 1)
        assert await is_signed_in(browser)

    provider.clock.advance(48)
    assert not await is_signed_in(browser)


async def test_an_officers_session_ends_sooner(provider: Provider, browser: Browser) -> None:
    await officer_signs_in(browser)
    provider.clock.advance(15 * MINUTE)

    assert not await is_signed_in(browser, "officers")


async def test_an_officers_session_ends_after_eight_hours(provider: Provider, browser: Browser) -> None:
    await officer_signs_in(browser)
    for _ in range(8 * 6):
        provider.clock.advance(10 * MINUTE - 1)
        assert await is_signed_in(browser, "officers")

    provider.clock.advance(48)
    assert not await is_signed_in(browser, "officers")


async def test_the_cookie_changes_at_every_sign_in_and_step_up(provider: Provider, browser: Browser) -> None:
    values = []
    await browser.signed_in()
    values.append(browser.http.cookies[SESSION])
    await browser.sign_in(await browser.authorize(prompt="login"))
    values.append(browser.http.cookies[SESSION])
    page = await browser.authorize("gateway")
    await browser.submit(page, "otp", code=provider.one_time_code())
    values.append(browser.http.cookies[SESSION])

    assert len(set(values)) == 3
    for old in values[:-1]:
        thief = provider.browser()
        thief.http.cookies.set(SESSION, old)
        assert not await is_signed_in(thief)


async def test_the_services_identifier_of_a_session_stays_when_the_same_person_signs_in_again(
    browser: Browser,
) -> None:
    first = unverified_claims((await browser.tokens())["id_token"])
    again = await browser.sign_in(await browser.authorize(prompt="login"))

    second = unverified_claims((await browser.redeem(again)).json()["id_token"])
    assert first["sid"] == second["sid"]


async def test_two_services_cannot_join_a_person_by_session_or_subject(browser: Browser) -> None:
    portal = unverified_claims((await browser.tokens())["id_token"])
    answer = await browser.submit(await browser.authorize("gateway"), "otp", code=browser.provider.one_time_code())
    gateway = unverified_claims((await browser.redeem(answer, "gateway")).json()["id_token"])

    assert portal["sid"] != gateway["sid"]
    assert browser.http.cookies[SESSION] not in {portal["sid"], gateway["sid"]}


async def test_a_step_up_keeps_the_end_and_the_start_of_the_session(provider: Provider, browser: Browser) -> None:
    first = unverified_claims((await browser.tokens())["id_token"])
    provider.clock.advance(10 * MINUTE)
    page = await browser.authorize("gateway")
    answer = await browser.submit(page, "otp", code=provider.one_time_code())

    second = unverified_claims((await browser.redeem(answer, "gateway")).json()["id_token"])
    assert second["auth_time"] == first["auth_time"]
    assert second["acr"] == "urn:vn:loa:2"


async def test_a_lock_ends_sessions_and_tokens_at_once(provider: Provider, browser: Browser) -> None:
    tokens = await browser.tokens(scope="openid offline_access")
    await provider.lock(AN)

    assert not await is_signed_in(browser)
    assert (await browser.userinfo(tokens["access_token"])).status_code == 401
    assert (await refresh(browser, tokens["refresh_token"])).status == 400


async def test_unlocking_brings_no_old_session_back(provider: Provider, browser: Browser) -> None:
    await browser.signed_in()
    await provider.lock(AN)
    provider.clock.advance(1)
    await provider.lock(AN, locked=False)

    assert not await is_signed_in(browser)
    assert "code" in (await browser.signed_in()).answer


async def test_a_lock_in_the_middle_of_a_sign_in_lets_nobody_in(provider: Provider, browser: Browser) -> None:
    page = await browser.authorize("gateway")
    page = await browser.submit(page, "sign-in", username=AN, password=PASSWORD)
    await provider.lock(AN)

    page = await browser.submit(page, "otp", code=provider.one_time_code())

    assert "location" not in page.response.headers
    assert not await is_signed_in(browser)


async def test_what_an_ended_session_proved_does_not_lift_the_next_one(provider: Provider, browser: Browser) -> None:
    await browser.signed_in("gateway")
    page = await browser.authorize("gateway", prompt="consent")
    attempt = page.path.removesuffix("/consent")
    await sign_out(browser)
    await browser.signed_in()

    await browser.get(f"{attempt}/done")

    assert (await browser.authorize("gateway")).has_form("otp")


async def test_a_step_up_needs_the_session_that_it_began_in(provider: Provider, browser: Browser) -> None:
    await browser.signed_in()
    page = await browser.authorize("gateway")
    await sign_out(browser)
    await browser.signed_in()

    page = await browser.submit(page, "otp", code=provider.one_time_code())

    assert page.error_code == "sign_in_expired"
    assert (await browser.authorize("gateway")).has_form("otp")


async def test_a_weaker_sign_in_is_not_lifted_by_an_older_attempt(provider: Provider, browser: Browser) -> None:
    await browser.signed_in("gateway")
    page = await browser.authorize("gateway", prompt="consent")
    attempt = page.path.removesuffix("/consent")
    await browser.sign_in(await browser.authorize(prompt="login"))

    await browser.get(f"{attempt}/done")

    assert (await browser.authorize("gateway")).has_form("otp")


@pytest.mark.parametrize("value", ["x", "", "a" * 5000, "%00", "../../etc/passwd", "'; drop table", "é".encode().hex()])
async def test_a_planted_cookie_is_nobodys_session(provider: Provider, value: str) -> None:
    browser = provider.browser()
    browser.http.cookies.set(SESSION, value)

    assert not await is_signed_in(browser)


async def test_tokens_without_offline_access_end_with_the_session(browser: Browser) -> None:
    tokens = await browser.tokens()
    await sign_out(browser)

    assert (await browser.userinfo(tokens["access_token"])).status_code == 401
    assert (await refresh(browser, tokens["refresh_token"])).status == 400


async def test_signing_out_after_a_pause_still_ends_everything(provider: Provider, browser: Browser) -> None:
    tokens = await browser.tokens()
    provider.clock.advance(31 * MINUTE)
    assert not await is_signed_in(browser)

    await browser.get("/logout", id_token_hint=tokens["id_token"])

    assert (await refresh(browser, tokens["refresh_token"])).status == 400
    assert await provider.stores.outbox.pending() == 1


async def test_whoever_signs_in_again_after_a_pause_signs_out_of_both(provider: Provider, browser: Browser) -> None:
    before = await browser.tokens()
    provider.clock.advance(31 * MINUTE)
    after = await browser.tokens()
    assert unverified_claims(before["id_token"])["sid"] == unverified_claims(after["id_token"])["sid"]

    await sign_out(browser)

    for tokens in (before, after):
        assert (await refresh(browser, tokens["refresh_token"])).status == 400


async def test_somebody_else_who_signs_in_after_a_pause_ends_what_was_left(
    provider: Provider, browser: Browser
) -> None:
    tokens = await browser.tokens()
    provider.clock.advance(31 * MINUTE)

    await browser.sign_in(await browser.authorize(), "binh@example.vn")

    assert (await refresh(browser, tokens["refresh_token"])).status == 400
    assert await provider.stores.outbox.pending() == 1


async def test_a_pause_costs_what_was_proved_before_it(provider: Provider, browser: Browser) -> None:
    await browser.signed_in("gateway")
    provider.clock.advance(31 * MINUTE)

    assert "code" in (await browser.signed_in()).answer

    assert (await browser.authorize("gateway")).has_form("otp")


async def test_a_code_of_an_ended_session_gives_nothing(browser: Browser) -> None:
    answer = await browser.signed_in()
    await sign_out(browser)

    response = await browser.redeem(answer)

    assert response.status_code == 400
    assert response.json()["error"] == "invalid_grant"


async def test_cookies_are_unreadable_to_scripts_and_to_other_sites(browser: Browser) -> None:
    page = await browser.authorize()
    _, hidden = page.form("sign-in")
    response = await browser.http.post(page.path, data={**hidden, "username": AN, "password": PASSWORD})

    lines = {line.partition("=")[0]: line for line in response.headers.get_list("set-cookie")}
    # What the frame of session management reads is no secret: it says that something changed, and nothing more.
    readable = {"idp8000-browser_state", "idp8000-visited"}
    assert lines.keys() == {SESSION, "idp8000-device"} | readable
    assert all("; Path=/; HttpOnly; SameSite=Lax" in lines[name] for name in lines.keys() - readable)


async def sign_out(browser: Browser) -> None:
    page = await browser.submit(await browser.get("/sign-out"), "sign-out", decision="yes")
    assert 'data-state="signed-out"' in page.text


async def refresh(browser: Browser, refresh_token: str) -> Page:
    fields = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    return Page(await browser.http.post("/token", data=fields, auth=("portal", SECRET)))
