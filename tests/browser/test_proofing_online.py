"""From nobody to level 2 in a real browser: an account opened at the demo's register, verified at its verifier."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.axe import violations
from tests.browser.demo import Demo, enter_code, running_demo

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NUMBER, PASSWORD = "001203000077", "bốn từ không ai đoán"
SHOTS = os.environ.get("SCREENSHOTS")
"""A folder for a picture of every step, for whoever wants to look."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("demo")) as running:
        yield running


def look(page: Page, name: str) -> None:
    """Every page on the way can be used by everybody."""
    assert violations(page) == []
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def test_a_person_comes_from_no_account_to_level_2_without_a_counter(demo: Demo, chrome: Browser) -> None:
    context = chrome.new_context(locale="vi-VN", viewport={"width": 390, "height": 844})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))

    open_account(page, demo)
    page.click("#sign-in-now")
    page.fill("#sign-in [name=username]", NUMBER)
    page.fill("#sign-in [name=password]", PASSWORD)
    page.click("#submit")
    page.click("#verify")
    enrol(page, demo)
    verify(page, demo, "unclear")
    assert page.get_attribute("#result", "data-result") == "unclear"
    look(page, "07-unclear")
    verify(page, demo, "match")
    look(page, "08-verified")

    page.goto(f"{demo.url('provider')}/account/identity")
    look(page, "09-identity")
    assert not page.locator("#verify").count()
    assert complaints == []
    context.close()


def open_account(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.url('provider')}/account")
    page.locator(".more a[href^='/open-account']").click()
    page.fill("#personal_number", NUMBER)
    page.fill("#name", "Đỗ Minh Hải")
    page.fill("#birthdate", "30/4/2003")
    page.fill("#email", "hai@example.vn")
    look(page, "01-open-account")
    page.click("#submit")
    look(page, "02-code")
    page.fill("#code", mailed_code(page, demo))
    page.click("#submit")
    page.fill("#password", PASSWORD)
    page.fill("#again", PASSWORD)
    look(page, "03-password")
    page.click("#submit")
    look(page, "04-open")


def enrol(page: Page, demo: Demo) -> None:
    """What comes before level 2 for somebody who signed in with a password alone."""
    page.fill("#code", mailed_code(page, demo))
    page.click("#activate #submit")
    secret = re.sub(r"\s", "", page.inner_text("#totp-secret"))
    enter_code(page, "enrol-otp", secret)
    page.check("#saved")
    page.click("#submit")


def verify(page: Page, demo: Demo, finding: str) -> None:
    look(page, "05-verify")
    page.check("#agree")
    page.click("#submit")
    assert page.url.startswith(demo.url("verifier"))
    look(page, "06-verifier")
    page.check(f"[value={finding}]")
    page.click("#submit")
    assert page.url.startswith(f"{demo.url('provider')}/account/identity/verify")


def mailed_code(page: Page, demo: Demo) -> str:
    """Read the newest message in the mailbox, as a person would in another tab."""
    tab = page.context.new_page()
    tab.goto(demo.url("mailbox"))
    found = re.search(r"^\s*(\d{6})\s*$", tab.inner_text("main article >> nth=0"), re.MULTILINE)
    tab.close()
    assert found
    return found[1]
