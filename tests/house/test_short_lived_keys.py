"""Every kind of key in the short-lived store stands in the table that says what its loss means."""

import re

from tests.house.source import ROOT

_KEY = re.compile(r'\bf"([a-z-]+):[a-z{]')
_MARK = re.compile(r'^_MARK: Final = "([a-z-]+)"', re.MULTILINE)
_DOCUMENTS = re.compile(r'\bBoundDocuments\(\s*"([a-z-]+)"')


def kinds() -> set[str]:
    """The kinds that the code stores, as far as they stand in it as text."""
    found = set[str]()
    for path in (ROOT / "idp").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        found.update(_DOCUMENTS.findall(text))
        if "idp.protocol.replay_marks" in text:
            found.update(_MARK.findall(text))
        if "idp.ports.short_lived" in text and "adapters" not in path.parts:
            found.update(_KEY.findall(text))
    return found


def test_every_kind_of_key_is_in_the_table() -> None:
    text = (ROOT / "docs/short-lived-state.md").read_text(encoding="utf-8")
    table = text.partition("\n## What is kept there")[2].partition("\n## ")[0]
    named = {kind for row in table.splitlines() if row.startswith("| `") for kind in re.findall(r"`([a-z-]+):…`", row)}

    assert kinds() >= {"session", "dpop", "recovery", "meter"}
    assert sorted(kinds() - named) == []
