"""axe-core on an open page: WCAG 2.0 to 2.2, A and AA, and what axe calls good practice."""

from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that a page breaks, and the elements that break it."""

    rule: str
    help: str
    targets: tuple[str, ...]


def violations(page: Page) -> list[Violation]:
    """Return what axe-core finds on `page` as it is shown now."""
    page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})", list(TAGS)
    )
    return [
        Violation(entry["id"], entry["help"], tuple(str(node["target"]) for node in entry["nodes"]))
        for entry in found["violations"]
    ]
