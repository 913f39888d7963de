from collections.abc import Iterator

import pytest
import zxingcpp
from playwright.sync_api import Page

from idp.web.views import Locale
from tests.browser.axe import LOOKS, violations
from tests.browser.chromium import chromium
from tests.browser.page_samples import OTPAUTH_URI, samples
from tests.browser.static_preview import ORIGIN, Scheme, StaticPreview

pytestmark = pytest.mark.browser

PHONE, DESK, SMALLEST = 390, 1280, 320
TARGETS = "button, .button, .more a, .foot a, .tongues a, .mark, .papers a, label.choice, input"


@pytest.fixture(scope="module")
def preview() -> Iterator[StaticPreview]:
    with chromium() as browser:
        yield StaticPreview(browser)


def walk(page: Page, locale: Locale) -> Iterator[str]:
    for name in samples(locale):
        if name != "form-post":  # leaves by itself; its button is looked at without script below
            page.goto(f"{ORIGIN}/{name}")
            yield name


@pytest.mark.parametrize(
    ("locale", "width", "scheme", "other"), [("vi", PHONE, "light", "dark"), ("en", DESK, "dark", "light")]
)
def test_axe_finds_nothing_on_any_page_in_either_scheme(
    preview: StaticPreview, locale: Locale, width: int, scheme: Scheme, other: Scheme
) -> None:
    page = preview.open(locale, width, scheme)
    found = {}
    for name in walk(page, locale):
        broken = violations(page)
        page.emulate_media(color_scheme=other)
        broken += violations(page, LOOKS)
        page.emulate_media(color_scheme=scheme)
        if broken:
            found[name] = broken
    page.context.close()
    assert found == {}


def test_pages_live_under_their_content_security_policy(preview: StaticPreview) -> None:
    page = preview.open("vi", DESK, "light")
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    for name in walk(page, "vi"):
        colour = page.evaluate("getComputedStyle(document.querySelector('.band')).borderTopColor")
        assert colour == "rgb(140, 28, 28)", f"{name} is shown without its style sheet"
    page.context.close()
    assert complaints == []


def test_nothing_is_cut_off_or_scrolls_sideways_on_the_smallest_screen(preview: StaticPreview) -> None:
    page = preview.open("vi", SMALLEST, "light")
    wide = [
        name
        for name in walk(page, "vi")
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    ]
    page.context.close()
    assert wide == []


def test_touch_targets_are_48_pixels_or_more(preview: StaticPreview) -> None:
    page = preview.open("vi", PHONE, "light")
    small = [(name, found) for name in walk(page, "vi") for found in page.evaluate(_SMALL_TARGETS, [TARGETS, 48])]
    page.context.close()
    assert small == []


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
