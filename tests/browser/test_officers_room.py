"""Officers in a real browser: one joins by key alone, takes the account over, gets a role, and leaves."""

from collections.abc import Callable, Iterator

import pyotp
import pytest
from playwright.sync_api import Browser, Page

from tests.browser.walking import look
from tests.server import PASSWORD, TOTP_SECRET, ProviderProcess, provider_process

__all__ = ["provider_process"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]

"""A folder for a picture of every page, for whoever wants to look."""

FIRST, SECOND = "lan@g10.example.vn", "minh@g10.example.vn"
CHOSEN = "bốn con chim sẻ trên cành"
RECORDS = f"""
agencies:
  - {{code: G10, name: Bộ Thử nghiệm, kind: ministry}}
  - {{code: G10.01, name: Vụ Đất đai, kind: department, parent: G10}}
people:
  - {{personal_number: "001099000001", name: Nguyễn Văn An, level: 2}}
  - {{personal_number: "001185000002", name: Trần Thị Lan, level: 2}}
  - {{personal_number: "001085000003", name: Lê Văn Minh, level: 2}}
officers:
  - {{personal_number: "001185000002", agency: G10, position: Chánh văn phòng, roles: [agency_admin], username: {FIRST},
      password: {PASSWORD}, totp_secret: {TOTP_SECRET}}}
  - {{personal_number: "001085000003", agency: G10, position: Chuyên viên, roles: [agency_admin], username: {SECOND},
      password: {PASSWORD}, totp_secret: {TOTP_SECRET}}}
"""


@pytest.fixture(scope="module")
def provider(provider_process: Callable[..., ProviderProcess]) -> ProviderProcess:
    made = provider_process()
    made.load(RECORDS)
    made.start()
    return made


@pytest.fixture
def window(chrome: Browser) -> Iterator[Callable[[], Page]]:
    contexts = []

    def opened() -> Page:
        contexts.append(chrome.new_context(locale="vi-VN", viewport={"width": 1280, "height": 900}))
        return contexts[-1].new_page()

    yield opened
    for context in contexts:
        context.close()


def enter(page: Page, address: str, username: str) -> None:
    """Sign in at the console with both factors."""
    page.goto(address)
    page.fill("#username", username)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.fill("#code", pyotp.TOTP(TOTP_SECRET).now())
    page.press("#code", "Enter")
    page.wait_for_selector("main.console")


def type_into(page: Page, selector: str, text: str) -> None:
    """Reach a field by the tabulator key alone, and type."""
    for _ in range(80):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            page.keyboard.type(text)
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{selector} is not reached by key")


def test_an_officer_joins_takes_over_gets_a_role_and_leaves(
    provider: ProviderProcess, window: Callable[[], Page]
) -> None:
    desk = window()
    enter(desk, f"{provider.url}/admin/agencies", FIRST)
    look(desk, "agencies")
    desk.click("text=Vụ Đất đai")
    look(desk, "agency")
    desk.goto(f"{provider.url}/admin/agencies/G10.01/change")
    look(desk, "agency-change")

    desk.goto(f"{provider.url}/admin/officers/join?agency=G10.01")
    look(desk, "join")
    type_into(desk, "#personal_number", "001099000001")
    type_into(desk, "#name", "nguyễn văn an")
    type_into(desk, "#username", "an@g10.example.vn")
    type_into(desk, "#position", "Chuyên viên")
    desk.keyboard.press("Enter")
    link = desk.inner_text("#activation-link")
    look(desk, "link")

    own = window()
    own.goto(link)
    look(own, "choose-password")
    own.fill("#password", CHOSEN)
    own.fill("#again", CHOSEN)
    own.press("#again", "Enter")
    secret = "".join(own.inner_text("#totp-secret").split())
    look(own, "enrol")
    own.fill("#code", pyotp.TOTP(secret).now())
    own.press("#code", "Enter")
    own.check("#saved")
    own.click("#submit")
    own.wait_for_url("**/account")

    desk.goto(f"{provider.url}/admin/officers?agency=G10.01")
    look(desk, "officers")
    desk.click("text=Nguyễn Văn An")
    look(desk, "officer")
    officer = desk.url
    desk.check("#role_proofing_officer")
    desk.click("#ask-roles button")
    change = desk.url.partition("?")[0]
    colleague = window()
    enter(colleague, change, SECOND)
    look(colleague, "change")
    colleague.click("#approve")
    own.goto(f"{provider.url}/admin")
    assert own.locator("main.console").count() == 1

    desk.goto(officer)
    desk.click("#end-post button")
    look(desk, "officer-left")
    own.goto(f"{provider.url}/admin")
    assert own.locator("#sign-in").count() == 1
