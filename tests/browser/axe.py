"""axe-core on an open page: WCAG 2.0 to 2.2, A and AA, and what axe calls good practice."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
LOOKS = ("color-contrast", "link-in-text-block", "target-size")
"""The rules whose outcome hangs on colours and places, not on what the document says."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that a page breaks, and the elements that break it."""

    rule: str
    help: str
    targets: tuple[str, ...]


def violations(page: Page, rules: tuple[str, ...] = ()) -> list[Violation]:
    """Return what axe-core finds on `page` once its style sheets are here, by these rules only if any are named."""
    page.wait_for_load_state()  # a click returns when the next document begins, and sizes come with its styles
    only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": TAGS}
    if not page.evaluate("'axe' in window"):
        page.evaluate(_program())
    found: dict[str, Any] = page.evaluate(
        "only => axe.run(document, {runOnly: only, resultTypes: ['violations']})", only
    )
    return [
        Violation(entry["id"], entry["help"], tuple(str(node["target"]) for node in entry["nodes"]))
        for entry in found["violations"]
    ]


@cache
def _program() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
