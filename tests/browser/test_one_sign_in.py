"""One person, one sign-in, three services: the whole demo in a real browser, from the first page to signed out."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.demo import Demo, Person, running_demo, show_face, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SHOTS = os.environ.get("SCREENSHOTS")
"""A folder for a picture of every step, for whoever wants to look."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest.fixture
def context(chrome: Browser) -> Iterator[BrowserContext]:
    context = chrome.new_context(locale="vi-VN")
    yield context
    context.close()


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def test_one_sign_in_carries_a_dossier_from_filing_to_its_result(demo: Demo, chrome: Browser) -> None:
    citizen, officer = demo.people[0], demo.officers[0]
    context, officer_context = chrome.new_context(locale="vi-VN"), chrome.new_context(locale="vi-VN")
    page, desk = context.new_page(), officer_context.new_page()

    sign_in_at_the_portal(page, demo, citizen)
    for place in (demo.url("ministry"), demo.url("gateway")):
        visit_silently(page, place, citizen)
    file_dossier(page, demo)
    dossier = page.url
    code = dossier.rsplit("/", 1)[1]
    shot(page, "06-filed")

    sign_in_as_officer(desk, demo, officer)
    ask_for_fee(desk, demo, code, 120_000)
    pay(page, demo, dossier)
    issue_result(desk, demo, code)
    for place in (dossier, f"{demo.url('ministry')}/dossiers/{code}"):
        page.goto(place)
        assert "GCN-2026-001" in page.inner_text("#result")
    shot(page, "12-result")

    page.goto(demo.url("national"))
    page.click("#sign-out")
    page.wait_for_selector('[data-state="signed-out"]')
    shot(page, "13-signed-out")
    for name in ("national", "ministry", "gateway"):
        assert is_signed_out(page, demo.url(name))
    desk.goto(f"{demo.url('ministry')}/officer")
    assert desk.locator("#who").count(), "the officer's own session goes on"
    officer_context.close()
    context.close()


def sign_in_at_the_portal(page: Page, demo: Demo, citizen: Person) -> None:
    page.goto(demo.url("national"))
    shot(page, "01-portal")
    page.click("#sign-in")
    shot(page, "02-sign-in")
    sign_in(page, citizen)
    assert citizen.name in page.inner_text("#who")
    shot(page, "03-portal-home")


def visit_silently(page: Page, place: str, citizen: Person) -> None:
    """Go to another service: nothing is asked but, once, whether to share."""
    page.goto(place)
    page.click("#sign-in")
    if page.locator("form#consent").count():
        shot(page, "04-consent")
        page.click("#allow")
    assert page.url.startswith(place)
    assert citizen.name in page.inner_text("#who")


def file_dossier(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.url('national')}/dossiers/new")
    page.locator("[name=procedure]").first.check()
    page.fill("#content", "Thửa đất số 12, tờ bản đồ số 3.")
    shot(page, "05-file")
    page.click("#submit")


def sign_in_as_officer(desk: Page, demo: Demo, officer: Person) -> None:
    desk.goto(demo.url("ministry"))
    desk.click("#officer-sign-in")
    sign_in(desk, officer)


def ask_for_fee(desk: Page, demo: Demo, code: str, fee: int) -> None:
    """What the officer does until the citizen can pay."""
    desk.goto(f"{demo.url('ministry')}/officer/dossiers/{code}")
    shot(desk, "07-officer")
    desk.click("#receive")
    desk.fill("#amount", str(fee))
    desk.click("#ask-payment")


def pay(page: Page, demo: Demo, dossier: str) -> None:
    page.goto(dossier)
    shot(page, "08-fee")
    page.click("#pay-fee")
    assert page.url.startswith(demo.url("gateway"))
    shot(page, "09-pay")
    page.click("#pay #submit")
    assert page.get_attribute("#status", "data-status") == "paid"
    shot(page, "10-receipt")


def issue_result(desk: Page, demo: Demo, code: str) -> None:
    desk.goto(f"{demo.url('ministry')}/officer/dossiers/{code}")
    desk.fill("#result-number", "GCN-2026-001")
    desk.fill("#result-text", "Đã cấp giấy chứng nhận.")
    desk.click("#approve")
    shot(desk, "11-approved")


def is_signed_out(page: Page, place: str) -> bool:
    """Whether a service has forgotten the person; its logout token is on its way for a moment."""
    for _ in range(50):
        page.goto(place)
        if page.locator("#sign-in").count():
            return True
        page.wait_for_timeout(200)
    return False


def test_after_signing_out_nobody_is_known_without_signing_in(demo: Demo, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(demo.url("national"))
    page.click("#sign-in")
    sign_in(page, demo.people[3])
    page.click("#sign-out")
    page.wait_for_selector('[data-state="signed-out"]')

    page.goto(demo.url("ministry"))
    page.click("#sign-in")

    assert page.locator("form#sign-in").count()


def test_a_first_second_factor_is_enrolled_by_reading_the_picture(
    demo: Demo, context: BrowserContext, tmp_path: Path
) -> None:
    newcomer = next(person for person in demo.people if person.totp_secret is None)
    page = context.new_page()
    page.goto(demo.url("national"))
    page.click("#sign-in")
    page.fill("[name=username]", newcomer.username)
    page.fill("[name=password]", newcomer.password)
    page.click("#submit")
    assert page.locator("form#activate").count()
    shot(page, "20-activate")

    page.fill("#activate [name=code]", mailed_code(demo, context))
    page.click("#activate #submit")
    shot(page, "21-enrol")
    picture = tmp_path / "picture.png"
    page.screenshot(path=picture, full_page=True)
    (found,) = zxingcpp.read_barcodes(Image.open(picture))
    authenticator = pyotp.parse_uri(found.text)
    assert isinstance(authenticator, pyotp.TOTP)
    assert authenticator.secret == page.inner_text("#totp-secret").replace(" ", "").replace("\n", "")
    page.fill("#enrol-otp [name=code]", authenticator.now())
    page.click("#enrol-otp #submit")

    page.wait_for_selector("#codes")
    shot(page, "22-codes")
    codes = page.locator("#codes code").all_inner_texts()
    assert len(set(codes)) == 10
    page.check("[name=saved]")
    page.click("#recovery-codes #submit")
    assert newcomer.name in page.inner_text("#who")

    page.goto(f"{demo.url('provider')}/account")
    shot(page, "23-account")
    use_a_recovery_code(demo, context, newcomer, codes[0])


def mailed_code(demo: Demo, context: BrowserContext) -> str:
    """Read the newest message in the mailbox, as a person would in another tab."""
    tab = context.new_page()
    tab.goto(demo.url("mail"))
    shot(tab, "24-mailbox")
    found = re.search(r"^\s*(\d{6})\s*$", tab.inner_text("main article >> nth=0"), re.MULTILINE)
    tab.close()
    assert found
    return found[1]


def use_a_recovery_code(demo: Demo, context: BrowserContext, person: Person, code: str) -> None:
    page = context.browser.new_context(locale="en-GB").new_page()  # type: ignore[union-attr]
    page.goto(demo.url("national"))
    page.click("#sign-in")
    page.fill("[name=username]", person.username)
    page.fill("[name=password]", person.password)
    page.click("#submit")
    shot(page, "25-otp-en")
    page.locator("a[href$='/methods']").click()
    page.check("[value=recovery_code]")
    page.click("#methods #submit")
    page.fill("#recovery [name=code]", code.lower())
    page.click("#recovery #submit")
    assert person.name in page.inner_text("#who")
    page.context.close()


def test_an_officer_is_at_home_at_the_ministry_and_never_at_the_citizens_portal(
    demo: Demo, context: BrowserContext
) -> None:
    officer = demo.officers[1]
    page = context.new_page()
    page.goto(demo.url("ministry"))
    page.click("#officer-sign-in")
    sign_in(page, officer)
    assert officer.name in page.inner_text("#who")
    shot(page, "30-desk")

    page.goto(demo.url("national"))
    page.click("#sign-in")
    assert page.locator("form#sign-in").count()
    page.fill("[name=username]", officer.username)
    page.fill("[name=password]", officer.password)
    page.click("#submit")

    assert page.locator("#error").count()
    shot(page, "31-refused")


def test_a_great_payment_takes_a_face_and_consent_to_exactly_this_payment(demo: Demo, chrome: Browser) -> None:
    citizen = demo.people[1]
    context = chrome.new_context(locale="vi-VN")
    page = context.new_page()
    page.goto(demo.url("national"))
    page.click("#sign-in")
    sign_in(page, citizen)
    file_dossier(page, demo)
    dossier = page.url
    desk = chrome.new_context(locale="vi-VN").new_page()
    sign_in_as_officer(desk, demo, demo.officers[1])
    ask_for_fee(desk, demo, dossier.rsplit("/", 1)[1], 25_000_000)
    desk.context.close()
    page.goto(dossier)
    order = page.get_attribute("#pay-fee", "href")
    assert order
    context.close()

    other = chrome.new_context(locale="en-GB", viewport={"width": 390, "height": 844})
    page = other.new_page()
    page.goto(demo.url("gateway"))
    page.click("#sign-in")
    page.fill("[name=username]", citizen.username)
    page.fill("[name=password]", citizen.password)
    page.click("#submit")
    assert not page.locator("form#otp").count(), "a password is enough to look around"
    shot(page, "40-consent-phone-en")
    page.click("#allow")
    page.goto(order)
    shot(page, "41-step-up-phone-en")
    assert not page.locator("form#pay").count()

    page.click("#step-up")
    shot(page, "43-face-phone-en")
    show_face(page)
    page.wait_for_selector("form#consent")
    shot(page, "45-consent-to-the-payment-phone-en")
    assert "25" in page.inner_text("main")
    page.click("#allow")
    page.click("#pay #submit")

    assert page.get_attribute("#status", "data-status") == "paid"
    other.close()


def test_whoever_does_not_agree_is_not_signed_in_at_the_service(demo: Demo, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(demo.url("gateway"))
    page.click("#sign-in")
    sign_in(page, demo.people[3])
    page.click("#deny")
    shot(page, "42-denied")

    assert page.url.startswith(demo.url("gateway"))
    assert not page.locator("#who").count()
