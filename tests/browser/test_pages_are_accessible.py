from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import zxingcpp
from playwright.sync_api import Page

from tests.browser.axe import LOOKS, Violation, violations
from tests.browser.chromium import chromium
from tests.browser.page_samples import OTPAUTH_URI, samples
from tests.browser.static_preview import HEIGHT, ORIGIN, Scheme, StaticPreview

pytestmark = pytest.mark.browser

PHONE, DESK, SMALLEST = 390, 1280, 320
BAND: dict[Scheme, str] = {"light": "rgb(140, 28, 28)", "dark": "rgb(181, 53, 45)"}
TARGETS = "button, .button, .more a, .foot a, .tongues a, .mark, .papers a, label.choice, input"


@pytest.fixture(scope="module")
def preview() -> Iterator[StaticPreview]:
    with chromium() as browser:
        yield StaticPreview(browser)


@dataclass(frozen=True, slots=True)
class Found:
    """What is wrong with the pages that one walk opened, each page once: opening them is what takes long."""

    violations: dict[str, list[Violation]] = field(default_factory=dict)
    unstyled: list[str] = field(default_factory=list)
    small: dict[str, list[str]] = field(default_factory=dict)
    wide: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="module", params=[("vi", PHONE, "light"), ("en", DESK, "dark")], ids=["vi-phone", "en-desk"])
def found(request: pytest.FixtureRequest, preview: StaticPreview) -> Found:
    locale, width, scheme = request.param
    found = Found()
    page = preview.open(locale, width, scheme)
    page.on("console", lambda message: found.complaints.append(message.text))
    for name in samples(locale):
        if name != "form-post":  # leaves by itself; its button is looked at without script below
            page.goto(f"{ORIGIN}/{name}")
            _look(page, name, found, scheme)
            page.set_viewport_size({"width": width, "height": HEIGHT})
    page.context.close()
    return found


def _look(page: Page, name: str, found: Found, scheme: Scheme) -> None:
    if page.evaluate("getComputedStyle(document.querySelector('.band')).borderTopColor") != BAND[scheme]:
        found.unstyled.append(name)
    if small := page.evaluate(_SMALL_TARGETS, [TARGETS, 48]):
        found.small[name] = small
    broken = violations(page)
    page.emulate_media(color_scheme="dark" if scheme == "light" else "light")
    broken += violations(page, LOOKS)
    page.emulate_media(color_scheme=scheme)
    if broken:
        found.violations[name] = broken
    page.set_viewport_size({"width": SMALLEST, "height": HEIGHT})
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.wide.append(name)


def test_axe_finds_nothing_on_any_page_in_either_scheme(found: Found) -> None:
    assert found.violations == {}


def test_pages_live_under_their_content_security_policy(found: Found) -> None:
    assert found.unstyled == []
    assert found.complaints == []


def test_nothing_is_cut_off_or_scrolls_sideways_on_the_smallest_screen(found: Found) -> None:
    assert found.wide == []


def test_touch_targets_are_48_pixels_or_more(found: Found) -> None:
    assert found.small == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_focus_ring_shows_on_everything_that_can_be_reached_by_key(preview: StaticPreview, scheme: Scheme) -> None:
    page = preview.open("vi", DESK, scheme)
    page.goto(f"{ORIGIN}/consent")
    reached = set()
    for _ in range(20):
        page.keyboard.press("Tab")
        ring = page.evaluate(
            "(() => { const e = document.activeElement, s = getComputedStyle(e);"
            " return [e.id || e.textContent.trim(), s.outlineStyle, s.outlineWidth] })()"
        )
        if ring[0] and page.evaluate("document.activeElement !== document.body"):
            assert ring[1:] == ["solid", "3px"], ring
            reached.add(ring[0])
    page.context.close()
    assert {"allow", "deny", "Đến phần nội dung", "English", "Trợ giúp"} <= reached


def test_a_page_without_script_still_offers_the_button_that_goes_on(preview: StaticPreview) -> None:
    page = preview.open("vi", PHONE, "light", script=False)
    page.goto(f"{ORIGIN}/form-post")
    assert page.get_by_role("button", name="Tiếp tục").is_visible()
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_qr_picture_can_be_read_off_the_screen(preview: StaticPreview, scheme: Scheme) -> None:
    page = preview.open("vi", PHONE, scheme)
    page.goto(f"{ORIGIN}/enrol-otp")
    picture = page.locator("svg.qr").screenshot()
    width, height, grey = page.evaluate(_PIXELS, list(picture))
    pixels = memoryview(bytes(grey)).cast("B", shape=[height, width])
    (code,) = zxingcpp.read_barcodes(pixels)
    page.context.close()
    assert code.text == OTPAUTH_URI


# A box to tick or a dot is reached by its label, which is a target itself.
_SMALL_TARGETS = """([selector, least]) => [...document.querySelectorAll(selector)]
  .filter(e => !["hidden", "radio", "checkbox"].includes(e.type) && e.checkVisibility())
  .filter(e => { const box = e.getBoundingClientRect(); return box.height < least || box.width < least })
  .map(e => e.textContent.trim() || e.name)"""

_PIXELS = """async bytes => {
  const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)], {type: "image/png"}));
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height), context = canvas.getContext("2d");
  context.drawImage(bitmap, 0, 0);
  const data = context.getImageData(0, 0, bitmap.width, bitmap.height).data;
  return [bitmap.width, bitmap.height, Array.from({length: data.length / 4}, (_, i) => data[4 * i + 1])];
}"""
