"""How the comparison is printed: as tables of a terminal, or as Markdown."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from bench.peers.comparing import Line
from bench.peers.contestants import PEER
from bench.peers.targets import Refused, Verdict, ratio

_WIDTH = 170
_LEFT = frozenset({"scenario", "server", "limited by", "promise"})
_COLUMNS = (
    "scenario", "server", "per second", "× peer", "p50 ms", "p99 ms", "CPU s per 1,000", "stores", "× in CPU", "MiB",
    "limited by",
)  # fmt: skip
_VERDICTS = ("promise", "wanted", "measured", "kept")

Rows = Sequence[Sequence[str]]


def print_comparison(caption: str, lines: Sequence[Line], verdicts: Sequence[Verdict], *, markdown: bool) -> None:
    """Print a line for each scenario and contestant, then a line for each promise."""
    peers = {each.scenario: each for each in lines if each.contestant == PEER}
    rows = [_row(each, peers.get(each.scenario)) for each in lines]
    judged = [(each.promise, each.wanted, each.measured, "yes" if each.kept else "NO") for each in verdicts]
    for title, columns, content in ((caption, _COLUMNS, rows), ("", _VERDICTS, judged)):
        if markdown:
            print("\n".join([*([title, ""] if title else []), *as_markdown(columns, content), ""]))
        else:
            _print_table(title, columns, content)


def _row(line: Line, peer: Line | None) -> tuple[str, ...]:
    if line.failure:
        return (line.scenario, line.contestant, *("",) * 8, line.failure)
    stores = ", ".join(f"{name} {spent:.3f}" for name, spent in line.stores_per_1000.items())
    return (
        line.scenario, line.contestant, f"{line.per_second:,.0f}", _times(line, peer), f"{line.p50:.2f}",
        f"{line.p99:.2f}", f"{line.cpu_per_1000:.3f}", stores, _times_in_cpu(line, peer), f"{line.memory:.0f}",
        line.limited_by,
    )  # fmt: skip


def _times(line: Line, peer: Line | None) -> str:
    if peer is None or peer is line:
        return ""
    try:
        return f"{ratio(line, peer):.2f}"
    except Refused:
        return "refused"


def _times_in_cpu(line: Line, peer: Line | None) -> str:
    """How many of ours cost the processor what one of the peer's does, stores included: it drifts less than rates."""
    return "" if peer is None or peer is line or peer.failure or not line.cost else f"{peer.cost / line.cost:.2f}"


def as_markdown(columns: Sequence[str], rows: Rows) -> list[str]:
    """Return the lines of a table."""
    rules = ("---" if column in _LEFT else "---:" for column in columns)
    return [f"| {' | '.join(each)} |" for each in (columns, tuple(rules), *rows)]


def _print_table(title: str, columns: Sequence[str], rows: Rows) -> None:
    table = Table(title=title or None)
    for column in columns:
        table.add_column(column, justify="left" if column in _LEFT else "right")
    for row in rows:
        table.add_row(*row)
    Console(width=_WIDTH).print(table)
