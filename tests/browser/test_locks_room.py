"""The room of locks in a real browser: a person locks the own account, an authority asks, two administrators agree."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pyotp
import pytest
from playwright.sync_api import Browser, Page

from tests.browser.walking import enter, focus, look
from tests.server import PASSWORD, TOTP_SECRET, ProviderProcess, provider_process

__all__ = ["provider_process"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CITIZEN = "001099000001"
ASKER, DECIDER = "lan@g10.example.vn", "minh@g10.example.vn"
RECORDS = f"""
agencies: [{{code: G10, name: Bộ Thử nghiệm, kind: ministry}}]
people:
  - {{personal_number: "{CITIZEN}", name: Nguyễn Văn An, birthdate: 1999-01-02, gender: male, level: 2,
      email: an@example.vn, password: {PASSWORD}}}
  - {{personal_number: "001185000002", name: Trần Thị Lan, birthdate: 1985-03-04, gender: female, level: 2}}
  - {{personal_number: "001085000003", name: Lê Văn Minh, birthdate: 1985-07-08, gender: male, level: 2}}
officers:
  - {{personal_number: "001185000002", agency: G10, position: Chuyên viên, roles: [identity_admin], username: {ASKER},
      password: {PASSWORD}, totp_secret: {TOTP_SECRET}}}
  - {{personal_number: "001085000003", agency: G10, position: Chuyên viên, roles: [identity_admin],
      username: {DECIDER}, password: {PASSWORD}, totp_secret: {TOTP_SECRET}}}
"""


@pytest.fixture(scope="module")
def provider(provider_process: Callable[..., ProviderProcess]) -> ProviderProcess:
    made = provider_process()
    made.load(RECORDS)
    made.start()
    return made


@pytest.fixture
def visit(chrome: Browser, provider: ProviderProcess) -> Iterator[Callable[[str, str], Page]]:
    contexts = []

    def opened(path: str, username: str) -> Page:
        contexts.append(chrome.new_context(locale="vi-VN", viewport={"width": 1280, "height": 900}))
        page = contexts[-1].new_page()
        page.goto(provider.url + path)
        page.fill("#username", username)
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        if "@" in username:
            page.fill("#code", pyotp.TOTP(TOTP_SECRET).now())
            page.press("#code", "Enter")
        page.wait_for_selector("main:not(:has(#sign-in)):not(:has(#otp))")
        return page

    yield opened
    for context in contexts:
        context.close()


def test_a_person_s_lock_and_an_authority_s_from_the_first_page_to_the_last(
    provider: ProviderProcess, visit: Callable[[str, str], Page]
) -> None:
    person = visit("/account/lock", CITIZEN)
    look(person, "own-lock-vi")
    enter(person, "#submit")
    person.wait_for_selector('main[data-state="locked"]')
    look(person, "own-locked-vi")

    page = visit("/admin/locks", ASKER)
    look(page, "locks-empty-vi")
    focus(page, "#identifier")
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    page.wait_for_selector("#error")
    look(page, "locks-refused-vi")
    page.fill("#identifier", CITIZEN)
    page.press("#identifier", "Enter")
    page.wait_for_selector("#end-own")
    look(page, "account-locks-vi")
    account = urlsplit(page.url).path

    focus(page, "#authority")
    page.keyboard.type("Cơ quan Cảnh sát điều tra")
    focus(page, "#legal_reference")
    page.keyboard.type("Công văn 12/CV-CQĐT ngày 20/9/2026")
    focus(page, "#document_digest")
    page.keyboard.type("0a" * 32)
    enter(page, "#request #submit")
    page.wait_for_selector("#forward")
    look(page, "request-entered-vi")
    enter(page, "#forward button")
    page.wait_for_selector("#carry-out")
    look(page, "request-forwarded-vi")
    enter(page, "#carry-out button")
    page.wait_for_selector("#withdraw")
    look(page, "request-change-vi")
    change = urlsplit(page.url).path

    second = visit(change, DECIDER)
    enter(second, "#approve")
    second.wait_for_selector("#decide", state="detached")
    second.goto(provider.url + account + "?lang=en")
    enter(second, "#end-own button")
    second.wait_for_selector("#end-own", state="detached")
    assert second.locator("tbody strong").count() == 1
    look(second, "account-locks-en")
    second.goto(f"{provider.url}/admin/locks?closed=yes&lang=en")
    look(second, "locks-closed-en")
