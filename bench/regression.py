"""The budget of instructions of each operation, as it was recorded last, and what has become dearer since.

Another processor, C library or build of Python executes other instructions for the same program. So a budget is made to
fit by the yardstick that was counted beside it, whichever piece of it became dearest: elsewhere a change is found
later, and none is found that nobody made. Between minor versions of Python nothing is compared.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

BUDGET = Path(__file__).with_name("budget.json")
MOST_GROWTH: Final = 0.10
_NOTEWORTHY: Final = 0.05
"""What has become cheaper by more should be recorded, or it could be lost again unseen."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Instructions for one operation by scenario, and for each piece of the yardstick, under one Python (3.11)."""

    python: str
    yardstick: dict[str, int]
    operations: dict[str, int]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What an operation may cost here, by the yardstick, and what it does; None where there is nothing to compare."""

    scenario: str
    budget: int | None
    now: int

    @property
    def growth(self) -> float:
        """How much dearer it is, as a part of its budget; negative when it is cheaper."""
        return self.now / self.budget - 1 if self.budget else 0.0

    @property
    def is_over(self) -> bool:
        """Whether it has become too dear."""
        return self.growth > MOST_GROWTH

    def told(self) -> str:
        """Return a line for people."""
        if self.budget is None:
            return f"{self.scenario:42} {'':>14} {self.now:14,}   new: make bench-record"
        remark = "TOO MUCH" if self.is_over else "cheaper: make bench-record" if self.growth < -_NOTEWORTHY else ""
        return f"{self.scenario:42} {self.budget:14,} {self.now:14,} {self.growth:+7.1%}   {remark}".rstrip()


def running_python() -> str:
    """Return the version of Python that counts are comparable under."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def read(file: Path) -> Budget:
    """Return what was recorded."""
    return Budget(**json.loads(file.read_text(encoding="utf-8")))


def record(file: Path, yardstick: Mapping[str, int], counts: Mapping[str, int]) -> None:
    """Make this the budget: all of it under another version of Python, otherwise of the operations that were counted.

    What was not counted this time is carried over by the yardstick.
    """
    kept: dict[str, int] = {}
    if file.exists() and (old := read(file)).python == running_python():
        kept = {name: round(count * scale(old, yardstick)) for name, count in old.operations.items()}
    budget = Budget(running_python(), dict(yardstick), {**kept, **counts})
    file.write_text(json.dumps(asdict(budget), indent=2) + "\n", encoding="utf-8")
    print(f"recorded in {file.name}")


def scale(budget: Budget, yardstick: Mapping[str, int]) -> float:
    """Return how many times the instructions of where the budget was recorded may be needed here."""
    return max(yardstick[piece] / count for piece, count in budget.yardstick.items())


def compare(budget: Budget, yardstick: Mapping[str, int], counts: Mapping[str, int]) -> list[Comparison]:
    """Return each operation beside its budget, which is made to fit this machine."""
    fitting = scale(budget, yardstick)
    allowed = {name: round(count * fitting) for name, count in budget.operations.items()}
    return [Comparison(name, allowed.get(name), count) for name, count in counts.items()]


def check(budget: Budget, yardstick: Mapping[str, int], counts: Mapping[str, int]) -> int:
    """Print the comparison; return 1 when an operation costs more than a tenth more than its budget, 0 otherwise."""
    if budget.python != running_python():
        print(f"nothing to compare: recorded by Python {budget.python}, not {running_python()} (make bench-record)")
        return 0
    compared = compare(budget, yardstick, counts)
    fitting = f"(yardstick × {scale(budget, yardstick):.3f})"
    print(f"\n{'instructions for one operation':42} {'budget':>14} {'now':>14}   {fitting}")
    for each in compared:
        print(each.told())
    over = [each.scenario for each in compared if each.is_over]
    if over:
        print(f"More than {MOST_GROWTH:.0%} over the budget: {'; '.join(over)}. Where it goes: python -m bench.budget")
    return 1 if over else 0
