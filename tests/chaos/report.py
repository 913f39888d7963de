"""The table of a chaos run."""

import json
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from bench.machine import describe
from tests.chaos.people import ARGON2
from tests.chaos.scenario import Verdict

CAPTION = (
    f"Passwords hashed with argon2id {ARGON2}, so that thousands of sign-ins are affordable. An operation failed when "
    "one of its requests got no answer within 5 s, 429 or 5xx, or a refusal that nobody deserved; whoever met one "
    "waits 0.1 s. Silence: the longest time without any success. Recovery: from the fault (a full disk: from the room "
    "made) until somebody had succeeded and less than 1 % of the last five seconds failed, for good."
)

COLUMNS = (
    "fault", "operations", "errors", "silence s", "recovery s", "durable lost", "single use violated",
    "wrong identity", "sessions lost", "allowed",
)  # fmt: skip


def print_table(verdicts: list[Verdict]) -> None:
    """One line a fault."""
    table = Table(title=describe(), caption=CAPTION)
    for column in COLUMNS:
        table.add_column(column, justify="left" if column == "fault" else "right")
    for each in verdicts:
        table.add_row(
            each.fault, f"{each.operations:,}", f"{each.errors:.2%}", f"{each.silence:.1f}", f"{each.recovery:.1f}",
            str(each.durable_lost), str(each.single_use_violated), str(each.wrong_identity), str(each.sessions_lost),
            "yes" if each.allowed else "NO",
        )  # fmt: skip
    console = Console(width=150)
    console.print(table)
    for each in verdicts:
        for finding, count in each.findings.items():
            console.print(f"{each.name}: {count} × {finding}", highlight=False)


def print_json(verdicts: list[Verdict]) -> None:
    """One document with everything that was counted."""
    print(json.dumps({"machine": describe(), "verdicts": [asdict(each) for each in verdicts]}, indent=2))
