"""Acting for others in a real browser: chosen at sign-in, told to the portal, given and taken back at the account."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.axe import violations
from tests.browser.demo import Demo, Person, running_demo, show_face, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SHOTS = os.environ.get("SCREENSHOTS")
"""A folder for a picture of every step, for whoever wants to look."""
WIDTHS = (1280, 390)
COOPERATIVE, CHILD = "Hợp tác xã Chè Thanh Sơn", "Lý Minh Khôi"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("demo")) as running:
        yield running


def named(demo: Demo, name: str) -> Person:
    return next(person for person in demo.people if person.name == name)


def looked_at(page: Page, name: str) -> None:
    """At both widths nothing is cut off, and axe finds nothing."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert violations(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{name}-{width}.png", full_page=True)
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})


def at_the_choice(page: Page, demo: Demo, person: Person) -> None:
    page.goto(demo.url("national"))
    page.click("#sign-in")
    sign_in(page, person)
    page.wait_for_selector("#principal")


@pytest.fixture(scope="module")
def hoa(chrome: Browser) -> Iterator[BrowserContext]:
    """The browser of Lý Thị Hoa, who signs in once: a code is good once, and the next one is half a minute off."""
    context = chrome.new_context(locale="vi-VN")
    yield context
    context.close()


def test_a_guardian_chooses_the_child_by_keyboard_and_the_portal_says_so(demo: Demo, hoa: BrowserContext) -> None:
    page = hoa.new_page()
    at_the_choice(page, demo, named(demo, "Lý Thị Hoa"))
    looked_at(page, "principal")
    assert COOPERATIVE in page.inner_text("#principal")
    page.focus("input[name=principal]")
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    assert page.input_value("input[name=principal]:checked").startswith("ward:")
    page.keyboard.press("Enter")
    page.wait_for_selector("#acts-for")
    assert CHILD in page.inner_text("#acts-for")


def test_a_mandate_is_given_agreed_to_used_and_taken_back(demo: Demo, chrome: Browser, hoa: BrowserContext) -> None:
    holder = named(demo, "Nguyễn Thị Ánh")
    holding = chrome.new_context(locale="en-GB")
    desk, other = hoa.new_page(), holding.new_page()

    desk.goto(f"{demo.url('provider')}/account/mandates/new")
    show_face(desk)
    looked_at(desk, "new-mandate")
    desk.check("input[name=giver][value='9900000016']")
    desk.fill("#holder_number", holder.username)
    desk.fill("#holder_name", holder.name)
    desk.check("input[name='service.national-portal']")
    desk.check("input[name='function.submit']")
    desk.click("#submit")
    desk.wait_for_selector("#end-given-1")
    looked_at(desk, "mandates-given")

    other.goto(f"{demo.url('provider')}/account/mandates/new")
    sign_in(other, holder)
    other.wait_for_selector("form#mandate")
    other.goto(f"{demo.url('provider')}/account/mandates")
    looked_at(other, "mandates-received")
    other.click("#agree-received-1 button")
    other.wait_for_url("**notice=agreed")
    other.goto(demo.url("national"))
    other.click("#sign-in")
    other.wait_for_selector("#principal")
    assert COOPERATIVE in other.inner_text("#principal")

    desk.click("#end-given-1 button")
    desk.wait_for_url("**notice=ended")
    other.check("input[value='organisation:9900000016']")
    other.click("#submit")
    other.wait_for_load_state()
    assert not other.locator("#acts-for").count(), "what was taken back meanwhile is not taken"
    holding.close()


def test_two_administrators_confirm_what_a_guardian_asks(demo: Demo, chrome: Browser) -> None:
    contexts = [chrome.new_context(locale="vi-VN") for _ in range(3)]
    guardian, asking, deciding = (context.new_page() for context in contexts)
    provider = demo.url("provider")
    guardian.goto(f"{provider}/account/wards/new")
    sign_in(guardian, named(demo, "Phạm Quang Dũng"))
    guardian.wait_for_selector("form#ward")
    guardian.fill("#personal_number", "031220000001")
    guardian.fill("#name", "Phạm Minh Tí")
    guardian.fill("#birthdate", "2020-05-06")
    guardian.click("#submit")
    guardian.wait_for_selector("#end-ward-1")

    first, second = demo.administrators
    asking.goto(f"{provider}/admin/guardianships")
    sign_in(asking, first)
    asking.wait_for_selector("tbody a")
    looked_at(asking, "guardianships")
    asking.click("tbody a")
    asking.wait_for_selector("form#guardianship")
    looked_at(asking, "guardianship")
    asking.click("#guardianship #submit")
    asking.wait_for_url("**/admin/changes/**")
    deciding.goto(asking.url.partition("?")[0])
    sign_in(deciding, second)
    deciding.click("#decide [value=approve]")
    deciding.wait_for_url("**notice=approved")
    asking.goto(f"{provider}/admin/organisations/9900000016")
    looked_at(asking, "organisation")

    guardian.goto(f"{provider}/account/mandates")
    looked_at(guardian, "mandates-guardian")
    assert "Đang có hiệu lực" in guardian.inner_text("main")
    for context in contexts:
        context.close()
