import re

from idp.domain.abuse.risk_signals import DORMANT, FASTEST, MANY_FAILURES, NEAR, REMEMBERED, TABLE, Signal
from idp.domain.accounts.security_alert import AlertKind
from tests.house.source import ROOT

RISK = (ROOT / "docs/risk.md").read_text(encoding="utf-8")
NOTICES = (ROOT / "docs/notifications.md").read_text(encoding="utf-8")


def first_cells(text: str, heading: str) -> list[tuple[str, ...]]:
    """The names in code of each row of the table under a heading, cell by cell."""
    section = text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| `")]
    return [tuple(" ".join(re.findall(r"`([a-z_]+)`", cell)) for cell in row) for row in rows]


def test_every_signal_is_explained() -> None:
    assert [row[0] for row in first_cells(RISK, "Signals")] == [signal.value for signal in Signal]
    section = RISK.split("\n## Signals\n", 1)[1]
    for number in (NEAR, FASTEST, MANY_FAILURES, DORMANT // (24 * 3600)):
        assert re.search(rf"\b{number}\b", section)
    assert REMEMBERED == 10
    assert "the ten latest pairs" in RISK


def test_the_table_of_risks_is_the_code() -> None:
    written = [(frozenset(signals.split()), risk) for signals, risk in first_cells(RISK, "The table")]
    assert written == [(frozenset(signals), risk.name.lower()) for signals, risk in TABLE]


def test_every_alert_is_explained() -> None:
    named = " ".join(row[0] for row in first_cells(NOTICES, "Alerts")).split()
    assert sorted(named) == sorted(kind.value for kind in AlertKind)
