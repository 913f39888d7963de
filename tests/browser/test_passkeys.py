"""Passkeys in a real browser, with Chromium's virtual authenticator: made, offered, used as one more proof, removed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyotp
import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.browser.walking import look
from tests.server import CITIZEN, PASSWORD, TOTP_SECRET, ProviderProcess, provider_process

__all__ = ["provider_process"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]

RECORDS = f"""
people:
  - {{personal_number: "{CITIZEN}", name: Nguyễn Văn An, birthdate: 1999-01-02, gender: male, level: 2,
      email: an@example.vn, password: {PASSWORD}, totp_secret: {TOTP_SECRET}}}
"""
NEW = "/account/security/passkeys/new"


@dataclass
class Person:
    """Somebody with a browser and a device that keeps passkeys; `agrees` when it asks for the fingerprint."""

    provider: ProviderProcess
    page: Page
    device: CDPSession
    authenticator: str = ""

    def takes_a_device(self) -> None:
        self.device.send("WebAuthn.enable", {"enableUI": False})
        told = {
            "protocol": "ctap2",
            "ctap2Version": "ctap2_1",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": False,
            "defaultBackupEligibility": True,
            "defaultBackupState": True,
        }
        self.authenticator = self.device.send("WebAuthn.addVirtualAuthenticator", {"options": told})["authenticatorId"]

    def agrees(self, *, agrees: bool = True) -> None:
        told = {"authenticatorId": self.authenticator, "enabled": agrees}
        self.device.send("WebAuthn.setAutomaticPresenceSimulation", told)

    def open(self, path: str) -> None:
        self.page.goto(f"{self.provider.url}{path}")

    def leave(self) -> None:
        """Close everything; the passkeys stay in the device."""
        self.page.context.clear_cookies()

    def types(self, *, with_code: bool) -> None:
        self.page.fill("#username", CITIZEN)
        self.page.fill("#password", PASSWORD)
        self.page.press("#password", "Enter")
        if with_code:
            self.page.fill("#code", pyotp.TOTP(TOTP_SECRET).now())
            self.page.press("#code", "Enter")


@pytest.fixture(scope="module")
def provider(provider_process: Callable[..., ProviderProcess]) -> ProviderProcess:
    made = provider_process()
    made.load(RECORDS)
    made.start()
    return made


@pytest.fixture(scope="module")
def person(provider: ProviderProcess, chrome: Browser) -> Iterator[Person]:
    context = chrome.new_context(locale="vi-VN")
    page = context.new_page()
    made = Person(provider, page, context.new_cdp_session(page))
    made.takes_a_device()
    yield made
    context.close()


def seen_in_both_languages(person: Person, name: str) -> None:
    """Look at the page in Vietnamese and English."""
    address = person.page.url.partition("?")[0]
    for language in ("en", "vi"):
        person.page.goto(f"{address}?lang={language}")
        look(person.page, f"passkey-{name}-{language}", audited=(390,))


def test_a_passkey_is_made_at_home(person: Person) -> None:
    person.open(NEW)
    person.types(with_code=True)
    expect(person.page.locator("h1")).to_have_text("Tạo khóa truy cập")
    seen_in_both_languages(person, "new")
    expect(person.page.locator("[data-without-passkeys]")).to_be_hidden()

    person.agrees()
    person.page.fill("#name", "Điện thoại của An")
    person.page.press("#name", "Enter")
    person.page.wait_for_url("**/account/security*")
    expect(person.page.locator("main")).to_contain_text("Điện thoại của An")


def test_a_second_one_is_not_made_on_the_same_device(person: Person) -> None:
    person.open(NEW)
    person.page.click("#submit")
    expect(person.page.locator("#passkey-failed")).to_be_visible()
    expect(person.page.locator("#submit")).to_be_enabled()


def test_it_is_offered_where_the_name_is_typed(person: Person) -> None:
    person.leave()
    person.agrees(agrees=False)
    person.open("/account")
    expect(person.page.locator("#username")).to_have_attribute("autocomplete", "username webauthn")
    expect(person.page.locator("#use-passkey")).to_be_visible()
    seen_in_both_languages(person, "offered")

    person.agrees()
    person.page.reload()
    person.page.wait_for_url("**/account")
    expect(person.page.locator("main")).to_contain_text("An")


def test_the_button_asks_at_once_and_says_when_nothing_came_of_it(person: Person) -> None:
    person.leave()
    person.agrees(agrees=False)
    person.open("/account")
    told = {"authenticatorId": person.authenticator, "isUserVerified": False}
    person.device.send("WebAuthn.setUserVerified", told)
    person.agrees()
    person.page.click("#use-passkey")
    expect(person.page.locator("#passkey-failed")).to_be_visible()
    look(person.page, "passkey-failed")
    person.device.send("WebAuthn.setUserVerified", {**told, "isUserVerified": True})
    person.page.click("#use-passkey")
    person.page.wait_for_url("**/account")


def test_it_steps_a_session_up(person: Person) -> None:
    person.leave()
    person.agrees(agrees=False)
    person.open("/account")
    person.types(with_code=False)
    person.page.wait_for_url("**/account")

    person.open(NEW)
    expect(person.page.locator("h1")).to_have_text("Xác nhận bằng khóa truy cập")
    seen_in_both_languages(person, "step-up")
    person.agrees()
    person.page.reload()
    expect(person.page.locator("h1")).to_have_text("Tạo khóa truy cập")


def test_without_script_there_is_another_way(person: Person, chrome: Browser) -> None:
    context = chrome.new_context(locale="vi-VN", java_script_enabled=False)
    other = Person(person.provider, context.new_page(), person.device)
    other.open("/account")
    expect(other.page.locator("#use-passkey")).to_be_hidden()
    other.types(with_code=False)
    other.open(NEW)
    expect(other.page.locator("[data-without-passkeys]")).to_be_visible()
    other.page.click("a[href$='/methods']")
    expect(other.page.locator("input[value=otp]")).to_be_visible()
    context.close()


def test_a_removed_one_signs_nobody_in(person: Person) -> None:
    person.open("/account/security")
    person.page.click("a[href^='/account/security/authenticators/passkeys/']")
    person.page.click("#remove button")
    expect(person.page.locator("main")).not_to_contain_text("Điện thoại của An")
    person.leave()
    person.open("/account")
    expect(person.page.locator("#error")).to_contain_text("Không có tài khoản nào")
