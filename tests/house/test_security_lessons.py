"""Each lesson names a test that is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
LESSONS = ROOT / "docs" / "security-lessons.md"
_ROW = re.compile(r"^\| (?!---|fault \|)(?P<cells>.+) \|$", re.MULTILINE)
_TEST = re.compile(r"`(?P<path>tests/[a-z0-9_/]+\.py)::(?P<name>test_[a-z0-9_]+)`")
_PUBLISHED = re.compile(r"(?:[A-Za-z0-9-]+ )?(?:20\d\d-\d{4,6}|GHSA(?:-[a-z0-9]{4}){3}|#\d+)")


def rows() -> list[list[str]]:
    return [
        [cell.strip() for cell in found["cells"].split(" | ")]
        for found in _ROW.finditer(LESSONS.read_text(encoding="utf-8"))
    ]


def test_every_lesson_names_a_test_that_exists() -> None:
    assert len(rows()) > 25
    for *_, cell in rows():
        named = _TEST.fullmatch(cell)
        assert named, cell
        source = (ROOT / named["path"]).read_text(encoding="utf-8")
        assert re.search(rf"^(?:async )?def {named['name']}\(", source, re.MULTILINE), cell


def test_what_was_published_is_named_by_its_number() -> None:
    for _, cell, _, _ in rows():
        assert cell == "—" or all(_PUBLISHED.fullmatch(each) for each in cell.split(", ")), cell
