"""How the rooms of the console are walked through: by key, at both widths, looked at by axe."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.axe import violations

PHONE = 390
"""Pixels; lists of the console stand row by row there."""

_HIDES_COLUMNS = "[...document.querySelectorAll('.sheet')].some(list => list.scrollWidth > list.clientWidth)"

SHOTS = os.environ.get("SCREENSHOTS")
"""A folder in which every page that was looked at is kept as a picture."""


def look(page: Page, name: str, audited: tuple[int, ...] = (1280, PHONE)) -> None:
    """Both widths: nothing cut off; and at those that are `audited` nothing that axe finds."""
    for width in (1280, PHONE):
        page.set_viewport_size({"width": width, "height": 900})
        assert width not in audited or violations(page) == [], (name, width)
        assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"), name
        assert width != PHONE or not page.evaluate(_HIDES_COLUMNS), name
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{name}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})


def focus(page: Page, selector: str) -> None:
    """Reach something by the tabulator key alone."""
    for _ in range(80):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{selector} is not reached by key")


def enter(page: Page, selector: str) -> None:
    """Reach something by the tabulator key alone, and press it."""
    focus(page, selector)
    page.keyboard.press("Enter")
