"""Enrolling a first second factor: never on a password alone, once, and with a way back when the phone is lost."""

import re
from email import message_from_string, policy
from html import unescape

import pyotp
import pytest
import zxingcpp
from PIL import Image

from idp.adapters.crypto.keystore import FileKeystore
from idp.adapters.crypto.secret_file import load_secret
from idp.adapters.crypto.system import SystemEntropy
from idp.adapters.mail.file_mailer import FileMailer
from idp.journeys.activation_codes import ActivationCodes, Channel
from tests.flows.alerts import alerted, link_in
from tests.flows.provider import PASSWORD, Browser, Page, Provider, import_records, unverified_claims

BINH = "binh@example.vn"
CUONG = "001085000003"
MINUTE = 60


async def at_activation(browser: Browser, username: str = BINH) -> Page:
    """Signed in with a password where level 2 is needed, without a second factor."""
    page = await browser.authorize("gateway")
    page = await browser.submit(page, "sign-in", username=username, password=PASSWORD)
    assert page.has_form("activate")
    return page


async def at_enrolment(browser: Browser) -> Page:
    page = await browser.submit(await at_activation(browser), "activate", code=mailed_code(browser.provider))
    assert page.has_form("enrol-otp")
    return page


async def at_recovery_codes(browser: Browser) -> tuple[Page, str]:
    page = await at_enrolment(browser)
    secret = shown_secret(page)
    page = await browser.submit(page, "enrol-otp", code=browser.provider.one_time_code(secret))
    assert page.has_form("recovery-codes")
    return page, secret


def mailed_code(provider: Provider) -> str:
    """The code of the newest message, on a line of its own."""
    message = message_from_string(provider.mails()[-1], policy=policy.default)
    (code,) = (line for line in message.get_content().splitlines() if re.fullmatch(r"\d{6}", line))
    return str(code)


def shown_secret(page: Page) -> str:
    found = re.search(r'<code id="totp-secret"[^>]*>(.*?)</code>', page.text, re.DOTALL)
    assert found
    return re.sub(r"<[^>]*>|\s", "", found[1])


def shown_codes(page: Page) -> list[str]:
    found = re.search(r'<ol id="codes".*?</ol>', page.text, re.DOTALL)
    assert found
    return re.findall(r"<code>([^<]*)</code>", found[0])


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


async def counter_code(provider: Provider, identifier: str) -> str:
    """A code as handed over at a one-stop counter."""
    settings = provider.settings
    keystore = FileKeystore(settings.keystore_path, load_secret(settings.secret_file, create=False), provider.clock)
    account_id = await provider.stores.records.account_of(identifier)
    assert account_id
    codes = ActivationCodes(provider.stores.short_lived, keystore.subject_keys(), provider.clock, SystemEntropy())
    return await codes.issue(account_id, Channel.COUNTER)


async def test_a_code_goes_to_the_verified_contact_and_the_page_does_not_tell_it_whole(browser: Browser) -> None:
    page = await at_activation(browser)

    (mail,) = browser.provider.mails()
    message = message_from_string(mail, policy=policy.default)
    assert message["to"] == BINH
    assert "b•••@example.vn" in page.text
    assert BINH not in page.text.partition("<main")[2]


async def test_whom_no_mail_reaches_is_told_so_and_shown_the_way_by_the_counter(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def takes_ascii_alone(_: FileMailer) -> bool:
        return False

    monkeypatch.setattr(FileMailer, "reaches_beyond_ascii", takes_ascii_alone)
    number = "001099000009"
    person = (
        f"people: [{{personal_number: '{number}', name: Ánh, email: ánh@example.vn, level: 2, password: {PASSWORD}}}]"
    )
    await import_records(browser.provider.stores, person, browser.provider.settings)

    page = await at_activation(browser, number)
    assert (page.status, page.refusal) == (200, None)
    assert "á•••@example.vn" in page.text
    assert not page.has_form("resend")
    assert browser.provider.mails() == []
    page = await browser.submit(page, "activate", code=await counter_code(browser.provider, number))
    assert page.has_form("enrol-otp")


async def test_a_wrong_code_of_a_counter_is_not_looked_for_among_messages(browser: Browser) -> None:
    page = await at_activation(browser)
    handed = await counter_code(browser.provider, BINH)
    page = await browser.submit(page, "activate", code=f"{(int(handed) + 1) % 100_000_000:08}")
    assert page.status == 400
    assert page.refusal is not None
    assert "bộ phận một cửa" in page.refusal
    page = await browser.submit(page, "activate", code=wrong(mailed_code(browser.provider)))
    assert page.refusal is not None
    assert "tin mới nhất" in page.refusal


async def test_the_whole_way_ends_signed_in_with_two_factors(browser: Browser) -> None:
    page, _ = await at_recovery_codes(browser)
    assert len(set(shown_codes(page))) == 10

    answer = await browser.submit(page, "recovery-codes", saved="yes")

    claims = unverified_claims((await browser.redeem(answer, "gateway")).json()["id_token"])
    assert claims["acr"] == "urn:vn:loa:2"
    assert claims["amr"] == ["mfa", "otp", "pwd"]


async def test_the_owner_is_told(browser: Browser) -> None:
    await at_recovery_codes(browser)

    (letter,) = await alerted(browser.provider)
    assert (letter.recipient, letter.subject) == (BINH, "Đã thêm một cách đăng nhập")
    assert link_in(letter) == "/account/security"


async def test_the_picture_says_what_the_text_says(browser: Browser) -> None:
    page = await at_enrolment(browser)

    found = re.search(r'<a href="(otpauth:[^"]*)"', page.text)
    assert found
    address = unescape(found[1])
    totp = pyotp.parse_uri(address)
    assert isinstance(totp, pyotp.TOTP)
    assert totp.secret == shown_secret(page)
    assert totp.issuer == "Định danh quốc gia"
    assert scanned(page) == address


def scanned(page: Page) -> str:
    """What a phone reads from the picture."""
    size = re.search(r'<svg class="qr"[^>]* viewBox="0 0 (\d+) \d+"', page.text)
    assert size
    picture = Image.new("L", (int(size[1]), int(size[1])), color=255)
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-", page.text):
        picture.paste(0, (int(x), int(y), int(x) + int(width), int(y) + 1))
    (found,) = zxingcpp.read_barcodes(picture.resize((picture.width * 4, picture.height * 4)))
    return str(found.text)


async def test_the_enrolled_secret_is_the_one_that_was_shown(provider: Provider, browser: Browser) -> None:
    page, secret = await at_recovery_codes(browser)
    await browser.submit(page, "recovery-codes", saved="yes")
    provider.clock.advance(MINUTE)

    other = provider.browser()
    page = await other.submit(await other.authorize("gateway"), "sign-in", username=BINH, password=PASSWORD)
    assert "code" in (await other.submit(page, "otp", code=provider.one_time_code(secret))).answer


async def test_the_code_that_enrolled_does_not_sign_in_too(provider: Provider, browser: Browser) -> None:
    page, secret = await at_recovery_codes(browser)
    await browser.submit(page, "recovery-codes", saved="yes")

    other = provider.browser()
    page = await other.submit(await other.authorize("gateway"), "sign-in", username=BINH, password=PASSWORD)
    assert (await other.submit(page, "otp", code=provider.one_time_code(secret))).status == 400


async def test_the_page_shows_the_same_secret_again_after_a_wrong_code(browser: Browser) -> None:
    page = await at_enrolment(browser)
    secret = shown_secret(page)

    refused = await browser.submit(page, "enrol-otp", code=wrong(browser.provider.one_time_code(secret)))

    assert refused.status == 400
    assert refused.refusal
    assert shown_secret(refused) == secret
    assert shown_secret(await browser.get(page.path)) == secret


async def test_two_attempts_propose_different_secrets(provider: Provider, browser: Browser) -> None:
    first = shown_secret(await at_enrolment(browser))
    second = shown_secret(await at_enrolment(provider.browser()))

    assert first != second


async def test_nobody_enrols_on_a_password_alone(browser: Browser) -> None:
    page = await at_activation(browser)
    attempt = page.path.removesuffix("/activate")
    _, hidden = page.form("activate")

    assert (await browser.get(f"{attempt}/enrol")).has_form("activate")
    await browser.http.post(f"{attempt}/enrol", data={**hidden, "code": "000000"})
    await browser.http.post(f"{attempt}/recovery-codes", data={**hidden, "saved": "yes"})
    assert (await browser.get(f"{attempt}/done")).has_form("activate")
    assert (await browser.get(attempt.replace("/sign-in/", "/authorize/"))).has_form("sign-in")


async def test_what_one_person_activated_is_not_activated_for_another(browser: Browser) -> None:
    page = await at_enrolment(browser)
    attempt = page.path.removesuffix("/enrol")

    page = await browser.submit(await browser.get(attempt), "sign-in", username=CUONG, password=PASSWORD)

    assert page.has_form("activate")
    assert "@" not in page.text.partition("<main")[2]


async def test_five_wrong_tries_end_a_code(browser: Browser) -> None:
    page = await at_activation(browser)
    code = mailed_code(browser.provider)
    for _ in range(5):
        page = await browser.submit(page, "activate", code=wrong(code))
        assert page.status == 400

    page = await browser.submit(page, "activate", code=code)

    assert page.status == 400
    assert page.has_form("activate")


async def test_four_wrong_tries_do_not(browser: Browser) -> None:
    page = await at_activation(browser)
    code = mailed_code(browser.provider)
    for _ in range(4):
        page = await browser.submit(page, "activate", code=wrong(code))

    assert (await browser.submit(page, "activate", code=code)).has_form("enrol-otp")


async def test_a_code_is_used_up(browser: Browser) -> None:
    await at_enrolment(browser)
    code = mailed_code(browser.provider)
    other = browser.provider.browser()
    page = await at_activation(other)

    assert (await other.submit(page, "activate", code=code)).status == 400


async def test_a_code_may_be_typed_with_spaces(browser: Browser) -> None:
    page = await at_activation(browser)
    code = mailed_code(browser.provider)

    assert (await browser.submit(page, "activate", code=f" {code[:3]} {code[3:]} ")).has_form("enrol-otp")


async def test_a_code_expires(provider: Provider, browser: Browser) -> None:
    page = await at_activation(browser)
    provider.clock.advance(15 * MINUTE)

    page = await browser.submit(page, "activate", code=mailed_code(provider))

    assert page.status == 400
    assert "mới" in (page.refusal or "")


async def test_a_new_code_ends_the_old_one(browser: Browser) -> None:
    page = await at_activation(browser)
    old = mailed_code(browser.provider)
    page = await resend(browser, page)
    new = mailed_code(browser.provider)

    if new != old:
        assert (await browser.submit(page, "activate", code=old)).status == 400
    assert (await browser.submit(page, "activate", code=new)).has_form("enrol-otp")


async def test_looking_at_the_page_again_sends_no_other_code(browser: Browser) -> None:
    page = await at_activation(browser)

    await browser.get(page.path)
    await browser.get(page.path)

    assert len(browser.provider.mails()) == 1


async def test_codes_are_not_sent_without_end(provider: Provider, browser: Browser) -> None:
    page = await at_activation(browser)
    for _ in range(4):
        page = await resend(browser, page)
        assert page.status == 200

    page = await resend(browser, page)

    assert page.status == 429
    assert page.refusal
    assert int(page.response.headers["retry-after"]) == 600
    assert len(provider.mails()) == 5
    provider.clock.advance(600)
    assert (await resend(browser, page)).status == 200


async def test_another_browser_does_not_get_around_that(provider: Provider, browser: Browser) -> None:
    page = await at_activation(browser)
    for _ in range(4):
        await resend(browser, page)

    other = provider.browser()
    page = await other.authorize("gateway")
    page = await other.submit(page, "sign-in", username=BINH, password=PASSWORD)

    assert page.status == 429
    assert page.has_form("activate")
    assert len(provider.mails()) == 5


async def test_a_code_from_the_counter_helps_whoever_has_no_contact(browser: Browser) -> None:
    page = await at_activation(browser, CUONG)
    assert browser.provider.mails() == []
    code = await counter_code(browser.provider, CUONG)
    browser.provider.clock.advance(20 * MINUTE)

    assert (await browser.submit(page, "activate", code=code)).has_form("enrol-otp")


async def test_a_code_from_the_counter_lasts_three_days(provider: Provider, browser: Browser) -> None:
    code = await counter_code(provider, CUONG)
    provider.clock.advance(72 * 60 * MINUTE)

    page = await browser.submit(await at_activation(browser, CUONG), "activate", code=code)

    assert page.status == 400


async def test_somebody_elses_code_is_wrong(provider: Provider, browser: Browser) -> None:
    await counter_code(provider, CUONG)
    code = await counter_code(provider, BINH)

    page = await browser.submit(await at_activation(browser, CUONG), "activate", code=code)

    assert page.status == 400


async def test_recovery_codes_must_be_confirmed_as_kept(browser: Browser) -> None:
    page, _ = await at_recovery_codes(browser)

    refused = await browser.submit(page, "recovery-codes")

    assert refused.status == 400
    assert refused.refusal
    assert shown_codes(refused) == shown_codes(page)
    assert (await browser.get(page.path.removesuffix("/recovery-codes") + "/done")).has_form("recovery-codes")


async def test_recovery_codes_are_shown_only_until_then(browser: Browser) -> None:
    page, _ = await at_recovery_codes(browser)
    codes = shown_codes(page)
    await browser.submit(page, "recovery-codes", saved="yes")

    later = await browser.http.get(page.path)

    assert not any(code in later.text for code in codes)


@pytest.mark.parametrize("typed", [str, str.lower, lambda code: code.replace("-", " "), lambda code: f" {code} "])
async def test_a_recovery_code_signs_in_once_however_it_is_typed(
    provider: Provider, browser: Browser, typed: type[str]
) -> None:
    page, _ = await at_recovery_codes(browser)
    code = shown_codes(page)[3]
    await browser.submit(page, "recovery-codes", saved="yes")

    other = provider.browser()
    answer = await other.submit(await at_recovery(other), "recovery", code=typed(code))
    claims = unverified_claims((await other.redeem(answer, "gateway")).json()["id_token"])
    assert claims["acr"] == "urn:vn:loa:2"
    assert "Một mã dự phòng vừa được dùng" in {letter.subject for letter in await alerted(provider)}

    third = provider.browser()
    page = await third.submit(await at_recovery(third), "recovery", code=code)
    assert page.status == 400
    assert page.has_form("recovery")


@pytest.mark.parametrize("code", ["", "AAAAA-AAAAA", "x" * 5000, "' OR 1=1 --", "\u202eABCDE"])
async def test_a_wrong_recovery_code_is_refused(provider: Provider, browser: Browser, code: str) -> None:
    page, _ = await at_recovery_codes(browser)
    await browser.submit(page, "recovery-codes", saved="yes")
    other = provider.browser()

    refused = await other.submit(await at_recovery(other), "recovery", code=code)

    assert refused.status == 400
    assert refused.refusal


async def test_a_person_with_a_second_factor_enrols_no_other_one(browser: Browser) -> None:
    page = await browser.authorize("gateway")
    page = await browser.submit(page, "sign-in", username="001099000001", password=PASSWORD)
    attempt = page.path.removesuffix("/code")
    _, hidden = page.form("otp")

    for step in ("activate", "enrol", "recovery-codes"):
        assert (await browser.get(f"{attempt}/{step}")).has_form("otp")
        await browser.http.post(f"{attempt}/{step}", data={**hidden, "code": "000000", "saved": "yes"})
    assert browser.provider.mails() == []


async def test_where_a_password_is_enough_no_enrolment_is_put_in_between(browser: Browser) -> None:
    assert "code" in (await browser.sign_in(await browser.authorize(), BINH)).answer


async def test_an_enrolment_that_was_overtaken_asks_for_the_code_of_the_other(
    provider: Provider, browser: Browser
) -> None:
    page = await at_enrolment(browser)
    other = provider.browser()
    await at_recovery_codes(other)

    refused = await browser.submit(page, "enrol-otp", code=provider.one_time_code(shown_secret(page)))

    assert refused.status in {200, 400}
    assert (await browser.get(page.path)).has_form("otp")


async def resend(browser: Browser, page: Page) -> Page:
    _, hidden = page.form("activate")
    return Page(await browser.http.post(f"{page.path.removesuffix('/resend')}/resend", data=hidden))


async def at_recovery(browser: Browser) -> Page:
    page = await browser.authorize("gateway")
    page = await browser.submit(page, "sign-in", username=BINH, password=PASSWORD)
    page = await browser.get(page.path.removesuffix("/code") + "/methods")
    page = await browser.submit(page, "methods", method="recovery_code")
    assert page.has_form("recovery")
    return page
