"""The counter in a real browser: a case from search to level 2, an exception for two officers, two records compared."""

from collections.abc import Callable, Iterator

import pyotp
import pytest
from playwright.sync_api import Browser, Page

from tests.browser.walking import focus, look
from tests.server import PASSWORD, TOTP_SECRET, ProviderProcess, provider_process

__all__ = ["provider_process"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]

"""A folder for a picture of every page, for whoever wants to look."""

OFFICER, SECOND, THIRD = "hoa@h26.example.vn", "minh@h26.example.vn", "tam@h26.example.vn"
WOMAN, TWIN, MAN = "001199000011", "001199000012", "001088000013"
RECORDS = f"""
agencies: [{{code: H26, name: Công an thành phố Thử nghiệm, kind: province}}]
people:
  - {{personal_number: "{WOMAN}", name: Trần Thị Bích Hoà, birthdate: 1999-03-04, gender: female, level: 1}}
  - {{personal_number: "{TWIN}", name: Trần Thị Bích Hòa, birthdate: 1999-03-04, gender: female, level: 1}}
  - {{personal_number: "{MAN}", name: Phạm Quốc Nam, birthdate: 1988-05-06, gender: male, level: 1}}
  - {{personal_number: "001185000002", name: Lê Thị Hoa, birthdate: 1985-03-04, gender: female, level: 2}}
  - {{personal_number: "001085000003", name: Lê Văn Minh, birthdate: 1985-07-08, gender: male, level: 2}}
  - {{personal_number: "001085000004", name: Vũ Văn Tâm, birthdate: 1985-09-10, gender: male, level: 2}}
officers:
  - {{personal_number: "001185000002", agency: H26, position: Cán bộ, roles: [proofing_officer], username: {OFFICER},
      password: {PASSWORD}, totp_secret: {TOTP_SECRET}}}
  - {{personal_number: "001085000003", agency: H26, position: Cán bộ, roles: [proofing_officer], username: {SECOND},
      password: {PASSWORD}, totp_secret: {TOTP_SECRET}}}
  - {{personal_number: "001085000004", agency: H26, position: Cán bộ, roles: [proofing_officer], username: {THIRD},
      password: {PASSWORD}, totp_secret: {TOTP_SECRET}}}
"""
DIGEST = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.fixture(scope="module")
def provider(provider_process: Callable[..., ProviderProcess]) -> ProviderProcess:
    made = provider_process()
    made.load(RECORDS)
    made.start()
    return made


@pytest.fixture
def desk(chrome: Browser, provider: ProviderProcess) -> Iterator[Callable[[str], Page]]:
    contexts = []

    def opened(username: str) -> Page:
        contexts.append(chrome.new_context(locale="vi-VN", viewport={"width": 1280, "height": 900}))
        page = contexts[-1].new_page()
        page.goto(f"{provider.url}/admin/proofing")
        page.fill("#username", username)
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        page.fill("#code", pyotp.TOTP(TOTP_SECRET).now())
        page.press("#code", "Enter")
        page.wait_for_selector("main.console")
        return page

    yield opened
    for context in contexts:
        context.close()


def look_in_both(page: Page, name: str) -> None:
    for locale in ("en", "vi"):
        page.goto(f"{page.url.partition('?')[0]}?lang={locale}")
        look(page, f"{name}-{locale}", (390,) if locale == "en" else (1280,))


def press(page: Page, selector: str) -> None:
    """Reach something by the tabulator key alone, and press it."""
    focus(page, selector)
    page.keyboard.press("Space" if selector.startswith("#check_") else "Enter")


def opened_case(page: Page, number: str) -> None:
    page.fill("#number", number)
    page.press("#number", "Enter")
    page.wait_for_selector("#proofing")


def test_an_officer_raises_a_person_to_level_2_by_keyboard_alone(desk: Callable[[str], Page]) -> None:
    page = desk(OFFICER)
    page.fill("#number", "001199000099")
    page.press("#number", "Enter")
    page.wait_for_selector("#error")
    look(page, "nobody-vi")
    opened_case(page, MAN)
    look_in_both(page, "case")
    assert "Phạm Quốc Nam" in page.inner_text("main")
    assert MAN not in page.url
    for check in ("card", "chip", "portrait"):
        press(page, f"#check_{check}")
    page.fill("#card_number", MAN)
    page.fill("#card_issued", "2022-05-06")
    page.fill("#card_expires", "2037-05-06")
    press(page, "#pass")
    page.wait_for_selector("#error")
    assert page.is_checked("#check_chip")
    look(page, "check-missing-vi")
    press(page, "#check_register")
    press(page, "#pass")
    page.wait_for_selector("#code")
    look_in_both(page, "passed")
    press(page, "#code button")
    # The account has no password yet: what is handed over lets the person choose one.
    page.wait_for_selector("#activation-link")
    assert "/activate/" in page.inner_text("#activation-link")
    look(page, "link-vi")


def test_an_exception_is_seen_and_agreed_to_by_a_colleague_and_two_records_are_compared(
    provider: ProviderProcess, desk: Callable[[str], Page]
) -> None:
    page = desk(SECOND)
    opened_case(page, WOMAN)
    look_in_both(page, "likeness")
    page.click(".more a")
    page.wait_for_selector("#merge")
    look_in_both(page, "merge")
    assert TWIN in page.inner_text("main")
    page.click('main p a[href^="/admin/proofing/"]')
    page.wait_for_selector("#proofing")
    page.click("summary")
    page.select_option("#page_1_kind", "front")
    page.fill("#page_1_url", "https://archive.h26.example.vn/pages/7f1e")
    page.fill("#page_1_digest", DIGEST)
    page.check("#check_register")
    page.check("#check_fingerprint")
    page.select_option("#ground", "no_card")
    page.click("#pass")
    page.wait_for_selector('main a[href^="/admin/changes/"]')
    look_in_both(page, "waiting")
    change = page.get_attribute('main a[href^="/admin/changes/"]', "href")

    second = desk(THIRD)
    second.goto(f"{provider.url}/admin/proofing")
    look_in_both(second, "queue")
    second.goto(f"{provider.url}{change}")
    look(second, "exception-vi")
    second.click("#approve")
    second.wait_for_selector("#decide", state="detached")
    second.click('main a[href^="/admin/proofing/"]')
    second.wait_for_selector("#code")
    look(second, "passed-by-colleague-vi")
