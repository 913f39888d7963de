"""The rooms of people and of services in a real browser: a look for a purpose, a service on its way to production."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pyotp
import pytest
from playwright.sync_api import Browser, Page

from tests.browser.walking import enter, focus, look
from tests.server import PASSWORD, TOTP_SECRET, ProviderProcess, provider_process

__all__ = ["provider_process"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]

"""A folder for a picture of every page, for whoever wants to look."""

CITIZEN = "001099000001"
IDENTITY, ASKER, DECIDER = "lan@g10.example.vn", "minh@g10.example.vn", "hoa@g10.example.vn"
RECORDS = f"""
agencies: [{{code: G10, name: Bộ Thử nghiệm, kind: ministry}}]
people:
  - {{personal_number: "{CITIZEN}", name: Nguyễn Văn An, birthdate: 1999-01-02, gender: male, level: 2,
      email: an@example.vn, password: {PASSWORD}, totp_secret: {TOTP_SECRET}}}
  - {{personal_number: "001199000004", name: Nguyễn Thị Ân, birthdate: 1999-05-06, gender: female, level: 1}}
  - {{personal_number: "001185000002", name: Trần Thị Lan, birthdate: 1985-03-04, gender: female, level: 2}}
  - {{personal_number: "001085000003", name: Lê Văn Minh, birthdate: 1985-07-08, gender: male, level: 2}}
  - {{personal_number: "001185000005", name: Võ Thị Hoa, birthdate: 1985-09-10, gender: female, level: 2}}
officers:
  - {{personal_number: "001185000002", agency: G10, position: Chuyên viên, roles: [identity_admin],
      username: {IDENTITY}, password: {PASSWORD}, totp_secret: {TOTP_SECRET}}}
  - {{personal_number: "001085000003", agency: G10, position: Chuyên viên, roles: [client_admin],
      username: {ASKER}, password: {PASSWORD}, totp_secret: {TOTP_SECRET}}}
  - {{personal_number: "001185000005", agency: G10, position: Chuyên viên, roles: [client_admin],
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


def typed(page: Page, selector: str, text: str) -> None:
    focus(page, selector)
    page.keyboard.type(text)


def test_somebody_is_looked_up_for_a_purpose_and_reads_of_it(
    provider: ProviderProcess, visit: Callable[[str, str], Page]
) -> None:
    page = visit("/admin/people", IDENTITY)
    look(page, "people-vi")
    page.select_option("#purpose", "assistance")
    typed(page, "#reference", "H26/0042")
    typed(page, "#name", "Nguyễn")
    page.keyboard.press("Enter")
    page.wait_for_selector("#error")
    look(page, "people-refused-vi")
    page.fill("#name", "nguyen an")
    page.press("#name", "Enter")
    page.wait_for_selector("#pick")
    assert page.locator("tbody tr").count() == 2
    look(page, "people-found-vi")
    enter(page, "#open-1")
    page.wait_for_selector("dl.facts")
    look(page, "person-vi")
    assert CITIZEN not in page.url

    page.goto(f"{provider.url}/admin/people?lang=en")
    look(page, "people-en")


def test_a_service_goes_through_its_gates(provider: ProviderProcess, visit: Callable[[str, str], Page]) -> None:
    page = visit("/admin/clients", ASKER)
    look(page, "services-empty-vi")
    enter(page, 'a[href="/admin/clients/new"]')
    page.wait_for_selector("#client")
    look(page, "service-new-vi")
    typed(page, "#client_id", "land")
    typed(page, "#name_vi", "Đăng ký đất đai")
    typed(page, "#redirect_uris", "https://land.example.vn/callback")
    typed(page, "#claims", "name | public_task | Giải quyết hồ sơ | Handling a dossier | Luật Đất đai")
    enter(page, "#submit")
    page.wait_for_selector("#secret")
    look(page, "service-registered-vi")
    page.fill("#purpose", "Giải quyết hồ sơ đất đai")
    page.fill("#agreement", "12/2026/TT")
    page.fill("#agreement_date", "2026-03-04")
    page.select_option("#security_level", "3")
    enter(page, "#gates button")
    page.wait_for_selector("#secret", state="detached")
    enter(page, "#appraisal button")
    page.wait_for_selector("#verdict")
    enter(page, '#verdict button[value="passed"]')
    page.wait_for_selector("#missing", state="detached")
    look(page, "service-ready-vi")
    enter(page, "#production button")
    page.wait_for_selector("#withdraw")
    look(page, "service-change-vi")

    second = visit(urlsplit(page.url).path, DECIDER)
    enter(second, "#approve")
    second.wait_for_selector("#decide", state="detached")
    page.goto(f"{provider.url}/admin/clients?lang=en")
    look(page, "services-en")
    enter(page, 'a[href="/admin/clients/land"]')
    page.wait_for_selector("#switch")
    assert page.locator("#production").count() == 0
    look(page, "service-en")
