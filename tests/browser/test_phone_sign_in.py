"""A computer and a phone in two real browsers: the picture is read, the number typed, and the computer goes on."""

from collections.abc import Callable, Iterator
from io import BytesIO

import pyotp
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.walking import enter, focus, look
from tests.server import PASSWORD, TOTP_SECRET, ProviderProcess, provider_process

__all__ = ["provider_process"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AN, BINH, CUONG = "001099000001", "001199000002", "001099000003"
RECORDS = f"""
people:
  - {{personal_number: "{AN}", name: Nguyễn Văn An, level: 2, password: {PASSWORD}, totp_secret: {TOTP_SECRET}}}
  - {{personal_number: "{BINH}", name: Trần Thị Bình, level: 2, password: {PASSWORD}, totp_secret: {TOTP_SECRET}}}
  - {{personal_number: "{CUONG}", name: Lê Văn Cường, level: 2, password: {PASSWORD}, totp_secret: {TOTP_SECRET}}}
"""
WAITS = 15_000
"""Milliseconds: the page without script looks every four seconds."""

Devices = Callable[..., BrowserContext]


@pytest.fixture(scope="module")
def provider(provider_process: Callable[..., ProviderProcess]) -> ProviderProcess:
    made = provider_process()
    made.load(RECORDS)
    made.start()
    return made


@pytest.fixture
def device(chrome: Browser) -> Iterator[Devices]:
    """Makes browsers that know nothing of each other."""
    contexts: list[BrowserContext] = []

    def made(locale: str, *, phone: bool = False, script: bool = True) -> BrowserContext:
        size = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 900}
        contexts.append(
            chrome.new_context(
                locale=locale,
                viewport=size,  # type: ignore[arg-type]
                is_mobile=phone,
                has_touch=phone,
                java_script_enabled=script,
            )
        )
        return contexts[-1]

    yield made
    for context in contexts:
        context.close()


def scanned(computer: Page) -> str:
    """What a camera reads in the picture."""
    (found,) = zxingcpp.read_barcodes(Image.open(BytesIO(computer.screenshot(full_page=True))))
    return found.text


def sign_in_on_the_phone(phone: Page, username: str) -> None:
    phone.fill("#username", username)
    phone.fill("#password", PASSWORD)
    phone.press("#password", "Enter")
    phone.fill("#code", pyotp.TOTP(TOTP_SECRET).now())
    phone.press("#code", "Enter")
    phone.wait_for_selector("form#approval")


def at_the_picture(context: BrowserContext, provider: ProviderProcess) -> Page:
    """The page with the picture, reached from a page of the account."""
    computer = context.new_page()
    computer.goto(f"{provider.url}/account")
    computer.click("#phone")
    computer.wait_for_selector("form#phone")
    return computer


def test_a_phone_signs_a_computer_in(provider: ProviderProcess, device: Devices) -> None:
    computer = at_the_picture(device("vi-VN"), provider)
    address = scanned(computer)
    assert address.startswith(f"{provider.url}/account/phone/")
    assert computer.text_content("#phone-address") == address
    look(computer, "phone-picture-vi")

    phone = device("vi-VN", phone=True).new_page()
    phone.goto(address)
    sign_in_on_the_phone(phone, AN)
    computer.wait_for_selector("#phone-number", timeout=WAITS)
    look(computer, "phone-number-vi")
    look(phone, "phone-question-vi")
    phone.set_viewport_size({"width": 390, "height": 844})
    focus(phone, "#number")
    phone.keyboard.type(computer.inner_text("#phone-number"))
    phone.keyboard.press("Enter")

    phone.wait_for_selector(".notice.done")
    computer.wait_for_url(f"{provider.url}/account", timeout=WAITS)
    assert "Nguyễn Văn An" in computer.inner_text("main")


def test_a_computer_without_script_looks_again_by_itself(provider: ProviderProcess, device: Devices) -> None:
    computer = at_the_picture(device("en-GB", script=False), provider)
    phone = device("en-GB", phone=True).new_page()
    phone.goto(scanned(computer))
    sign_in_on_the_phone(phone, BINH)
    computer.wait_for_selector("#phone-number", timeout=WAITS)

    phone.fill("#number", computer.inner_text("#phone-number"))
    phone.click("#allow")

    phone.wait_for_selector(".notice.done")
    computer.wait_for_url(f"{provider.url}/account", timeout=WAITS)


def test_a_wrong_number_and_a_no_are_told_on_the_computer(provider: ProviderProcess, device: Devices) -> None:
    computer = at_the_picture(device("en-GB"), provider)
    look(computer, "phone-picture-en")
    phone = device("en-GB", phone=True).new_page()
    phone.goto(scanned(computer))
    sign_in_on_the_phone(phone, CUONG)
    look(phone, "phone-question-en")
    computer.wait_for_selector("#phone-number", timeout=WAITS)
    right = computer.inner_text("#phone-number")
    phone.fill("#number", "10" if right != "10" else "11")
    phone.click("#allow")
    phone.wait_for_selector('main[data-error="phone_wrong_number"]')
    look(phone, "phone-wrong-number-en")

    computer.wait_for_selector("#error", timeout=WAITS)
    look(computer, "phone-over-en")
    enter(computer, "#submit")
    computer.wait_for_selector("#phone-address", state="attached")
    phone.goto(scanned(computer))
    phone.wait_for_selector("form#approval")
    phone.click("#deny")
    phone.wait_for_selector(".notice.done")
    look(phone, "phone-denied-en")
    computer.wait_for_selector("#error", timeout=WAITS)
