"""What was proved once, elsewhere or for somebody else proves nothing again, here or for anybody."""

import json
from asyncio import gather

from tests.authenticator import Gesture, SoftwareAuthenticator, tampered
from tests.flows.conftest import prepared, provider, shared_templates
from tests.flows.provider import PASSWORD, Browser, Page, Provider
from tests.flows.test_enrolment import at_recovery_codes, shown_codes
from tests.flows.test_passkeys import options_of, use, with_passkey

__all__ = ["prepared", "provider", "shared_templates"]

AN = "001099000001"
ELSEWHERE = [
    "https://localhost:8000",
    "http://localhost:8001",
    "http://localhost",
    "http://localhost.evil.example:8000",
    "http://evil.localhost:8000",
    "http://127.0.0.1:8000",
    "https://dinhdanh.example",
    "null",
    "android:apk-key-hash:AAAA",
]
OTHERWISE = [
    Gesture(rp_id="evil.example"),
    Gesture(rp_id="localhost.evil.example"),
    Gesture(cross_origin=True),
    Gesture(kind="webauthn.create"),
    Gesture(kind="payment.get"),
    Gesture(present=False),
    Gesture(verified=False),
    Gesture(user_handle=b"somebody else's"),
]


async def asked_for_a_code(provider: Provider, browser: Browser) -> Page:
    page = await browser.submit(await browser.authorize("gateway"), "sign-in", username=AN, password=PASSWORD)
    assert page.has_form("otp")
    return page


def signs_in(page: Page) -> bool:
    return "code" in page.answer if page.status == 303 else False


async def test_a_one_time_code_that_was_seen_signs_nobody_else_in(provider: Provider) -> None:
    owner, thief = provider.browser(), provider.browser()
    theirs, mine = await asked_for_a_code(provider, owner), await asked_for_a_code(provider, thief)
    code = provider.one_time_code()

    assert signs_in(await owner.submit(theirs, "otp", code=code))
    for later in (0, 15, 30, 60):
        provider.clock.advance(later)
        assert (await thief.submit(mine, "otp", code=code)).status == 400


async def test_an_earlier_code_is_not_good_after_a_later_one(provider: Provider) -> None:
    before = provider.one_time_code()
    provider.clock.advance(30)
    owner, thief = provider.browser(), provider.browser()

    assert signs_in(await owner.submit(await asked_for_a_code(provider, owner), "otp", code=provider.one_time_code()))
    assert (await thief.submit(await asked_for_a_code(provider, thief), "otp", code=before)).status == 400


async def test_of_fifty_browsers_with_one_code_at_once_one_signs_in(provider: Provider) -> None:
    browsers = [provider.browser() for _ in range(9)]
    pages = await gather(*(asked_for_a_code(provider, browser) for browser in browsers))
    code = provider.one_time_code()

    await gather(
        *(browsers[number % 9].submit(pages[number % 9], "otp", code=code) for number in range(50)),
        return_exceptions=True,
    )

    silent = [await browser.authorize("portal", prompt="none") for browser in browsers]
    assert sum("code" in page.answer for page in silent) == 1
    events = [one.name async for one in provider.stores.audit_log.records()]
    assert events.count("second_factor.accepted") == 1
    assert events.count("session.started") == 1


async def test_of_fifty_uses_of_a_recovery_code_at_once_one_counts(provider: Provider) -> None:
    browser = provider.browser()
    page, _ = await at_recovery_codes(browser)
    code = shown_codes(page)[0]
    await browser.submit(page, "recovery-codes", saved="yes")
    thieves = [provider.browser() for _ in range(8)]
    pages = []
    for thief in thieves:
        page = await thief.submit(
            await thief.authorize("gateway"), "sign-in", username="binh@example.vn", password=PASSWORD
        )
        pages.append(await thief.get(page.path.rpartition("/")[0] + "/recovery-code"))

    await gather(
        *(thieves[number % 8].submit(pages[number % 8], "recovery", code=code) for number in range(50)),
        return_exceptions=True,
    )

    events = [one.name async for one in provider.stores.audit_log.records()]
    assert events.count("second_factor.accepted") == 1


async def test_what_was_signed_for_another_origin_lets_nobody_in(provider: Provider) -> None:
    authenticator = SoftwareAuthenticator()
    await with_passkey(provider, authenticator)
    browser = provider.browser()
    page = await browser.authorize("gateway")

    for origin in ELSEWHERE:
        page = await use(browser, page, authenticator, Gesture(origin=origin))
        assert page.status == 400, origin
    assert signs_in(await use(browser, page, authenticator))


async def test_what_was_signed_in_another_ceremony_lets_nobody_in(provider: Provider) -> None:
    authenticator = SoftwareAuthenticator()
    await with_passkey(provider, authenticator)
    browser = provider.browser()
    page = await browser.authorize("gateway")

    for gesture in OTHERWISE:
        page = await use(browser, page, authenticator, gesture)
        assert page.status == 400, gesture
    assert signs_in(await use(browser, page, authenticator))


async def test_what_was_changed_after_it_was_signed_lets_nobody_in(provider: Provider) -> None:
    authenticator = SoftwareAuthenticator()
    await with_passkey(provider, authenticator)
    browser = provider.browser()
    page = await browser.authorize("gateway")

    for member in ("signature", "authenticatorData", "clientDataJSON"):
        answer = authenticator.sign_in(options_of(page))
        other = authenticator.sign_in(options_of(await browser.authorize("gateway")), Gesture(sign_count=7))
        swapped = tampered(answer, **{member: json.loads(other)["response"][member]})
        page = await browser.submit(page, "passkey", credential=swapped)
        assert page.status == 400, member


async def test_an_answer_is_good_once_also_in_its_own_browser(provider: Provider) -> None:
    authenticator = SoftwareAuthenticator()
    await with_passkey(provider, authenticator)
    browser = provider.browser()
    page = await browser.authorize("gateway")
    answer = authenticator.sign_in(options_of(page))
    refused = await browser.submit(page, "passkey", credential=tampered(answer, signature="AAAA"))
    assert refused.status == 400

    assert (await browser.submit(page, "passkey", credential=answer)).status == 400, "its challenge was used up"


async def test_a_copy_of_a_key_that_counts_is_noticed(provider: Provider) -> None:
    authenticator = SoftwareAuthenticator(counts=True, synced=False)
    await with_passkey(provider, authenticator)
    owner, thief = provider.browser(), provider.browser()
    for _ in range(3):
        assert signs_in(await use(owner, await owner.authorize("gateway", prompt="login"), authenticator))

    page = await use(thief, await thief.authorize("gateway"), authenticator, Gesture(sign_count=2))
    assert page.status == 400


async def test_a_session_has_another_name_after_each_step_that_proves_more(provider: Provider) -> None:
    browser = provider.browser()
    seen = []
    page = await browser.authorize("portal")
    seen.append(dict(browser.http.cookies))
    await browser.submit(page, "sign-in", username=AN, password=PASSWORD)
    seen.append(dict(browser.http.cookies))
    await browser.submit(await browser.authorize("gateway"), "otp", code=provider.one_time_code())
    seen.append(dict(browser.http.cookies))

    sessions = [next((value for name, value in each.items() if "session" in name), None) for each in seen]
    assert sessions[0] is None
    assert len({*sessions}) == 3
    fixed = provider.browser()
    fixed.http.cookies.update(seen[1])
    assert (await fixed.authorize("portal", prompt="none")).answer["error"] == "login_required"


async def test_an_attempt_that_somebody_else_began_is_nobodys_to_finish(provider: Provider) -> None:
    attacker, victim = provider.browser(), provider.browser()
    page = await attacker.authorize("portal")
    await victim.authorize("portal")

    planted = await victim.get(page.path)
    assert planted.error_code == "sign_in_expired"
    action, hidden = page.form("sign-in")
    forced = await victim.http.post(action, data={**hidden, "username": AN, "password": PASSWORD})
    assert forced.status_code == 403
    assert (await attacker.authorize("portal", prompt="none")).answer["error"] == "login_required"


async def test_nobody_is_signed_in_as_somebody_else_by_a_form_of_another_page(provider: Provider) -> None:
    """Login CSRF: an attacker's name and password, sent by the victim's browser."""
    victim = provider.browser()
    page = await victim.authorize("portal")
    action, hidden = page.form("sign-in")

    for token in ("", "x" * 43, (await provider.browser().authorize("portal")).form("sign-in")[1]["csrf_token"]):
        sent = {**hidden, "csrf_token": token, "username": AN, "password": PASSWORD}
        assert (await victim.http.post(action, data=sent)).status_code == 403
    assert (await victim.authorize("portal", prompt="none")).answer["error"] == "login_required"
