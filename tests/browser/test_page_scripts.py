"""Scripts of pages in browsers that lack something, and at moments that seldom come."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.chromium import chromium
from tests.browser.static_preview import ORIGIN, StaticPreview

pytestmark = pytest.mark.browser

# Safari before 16 (iPhones that get no newer one) has none of the first, before 15.4 none of the second.
OLD_SAFARI = """
delete HTMLFormElement.prototype.requestSubmit;
delete SubmitEvent.prototype.submitter;
"""
# The search begins when the test says so: however quick the machine, the button is pressed before it ends.
HELD_BACK = """
const later = window.setTimeout, now = performance.now.bind(performance), held = [];
let ticks = 0;
performance.now = () => (ticks += 1000);
window.setTimeout = (run) => held.push(run);
window.goOn = () => {
  performance.now = now;
  window.setTimeout = later;
  held.forEach((run) => later(run, 0));
};
"""
SLOW_TO_TELL = """
window.asked = [];
PublicKeyCredential.isConditionalMediationAvailable = () => new Promise((tell) => { window.tell = tell; });
navigator.credentials.get = (request) => new Promise((_, refuse) => {
  window.asked.push(request.mediation || "pressed");
  request.signal.addEventListener("abort", () => refuse(new Error("aborted")));
});
"""


@pytest.fixture(scope="module")
def preview() -> Iterator[StaticPreview]:
    with chromium() as browser:
        yield StaticPreview(browser)


@pytest.fixture
def page(preview: StaticPreview) -> Iterator[Page]:
    page = preview.open("vi", 1280, "light")
    yield page
    page.context.close()


@pytest.mark.parametrize("browser", ["", OLD_SAFARI], ids=["today", "old-safari"])
def test_a_form_whose_puzzle_is_solved_after_the_button_was_pressed_goes_on_by_itself(page: Page, browser: str) -> None:
    page.add_init_script(HELD_BACK + browser)
    page.goto(f"{ORIGIN}/sign-in-works")
    page.click("#submit")
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.evaluate("window.goOn()")
    assert re.search(r"&solution=\d+", sent.value.post_data or "")


def test_whoever_pressed_the_passkey_button_is_not_interrupted_by_the_offer(page: Page) -> None:
    page.add_init_script(SLOW_TO_TELL)
    page.goto(f"{ORIGIN}/sign-in-passkey")
    page.click("#use-passkey")
    page.evaluate("window.tell(true)")
    page.evaluate("new Promise((then) => setTimeout(then, 0))")

    assert page.evaluate("window.asked") == ["pressed"]
    assert page.is_hidden("#passkey-failed")
