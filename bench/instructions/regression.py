"""The budget of instructions of each operation, as it was recorded last, and what has become dearer since.

Another processor, C library or build of Python executes other instructions for the same program. So a yardstick is
counted beside them. Where it takes what it took when the budget was recorded, a tenth more is too much; elsewhere the
budget is made to fit by the piece of it that became dearest, and only what is far above it fails. Between minor
versions of Python nothing is compared.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

BUDGET = Path(__file__).with_name("budget.json")
MOST_GROWTH: Final = 0.10
MOST_GROWTH_ELSEWHERE: Final = 0.40
_SAME: Final = 0.02
"""By how much the yardstick may differ where the same is executed; it repeats to a thousandth."""

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
    """What an operation costs by its budget and what it does; no budget where there is nothing to compare.

    `limit` is the growth that is not too much.
    """

    scenario: str
    budget: int | None
    now: int
    limit: float = MOST_GROWTH

    @property
    def growth(self) -> float:
        """How much dearer it is, as a part of its budget; negative when it is cheaper."""
        return self.now / self.budget - 1 if self.budget else 0.0

    @property
    def is_over(self) -> bool:
        """Whether it has become too dear."""
        return self.growth > self.limit

    def told(self) -> str:
        """Return a line for people."""
        if self.budget is None:
            return f"{self.scenario:42} {'':>14} {self.now:14,}   new: make bench-record"
        is_cheaper = self.limit == MOST_GROWTH and self.growth < -_NOTEWORTHY
        remark = "TOO MUCH" if self.is_over else "cheaper: make bench-record" if is_cheaper else ""
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


def allowed_growth(budget: Budget, yardstick: Mapping[str, int]) -> float:
    """Return what is not too much: less where the yardstick takes what it took."""
    is_same = all(abs(yardstick[piece] / count - 1) <= _SAME for piece, count in budget.yardstick.items())
    return MOST_GROWTH if is_same else MOST_GROWTH_ELSEWHERE


def compare(budget: Budget, yardstick: Mapping[str, int], counts: Mapping[str, int]) -> list[Comparison]:
    """Return each operation beside its budget, which is made to fit this machine."""
    fitting, limit = scale(budget, yardstick), allowed_growth(budget, yardstick)
    allowed = {name: round(count * fitting) for name, count in budget.operations.items()}
    return [Comparison(name, allowed.get(name), count, limit) for name, count in counts.items()]


def check(budget: Budget, yardstick: Mapping[str, int], counts: Mapping[str, int]) -> int:
    """Print the comparison; return 1 when an operation costs too much, 0 otherwise."""
    if budget.python != running_python():
        print(f"nothing to compare: recorded by Python {budget.python}, not {running_python()} (make bench-record)")
        return 0
    compared = compare(budget, yardstick, counts)
    fitting = f"(yardstick × {scale(budget, yardstick):.3f})"
    print(f"\n{'instructions for one operation':42} {'budget':>14} {'now':>14}   {fitting}")
    for each in compared:
        print(each.told())
    limit = allowed_growth(budget, yardstick)
    if limit != MOST_GROWTH:
        print(f"recorded by another build of Python or on another machine: {limit:.0%} more is too much, no less")
    over = [each.scenario for each in compared if each.is_over]
    if over:
        print(f"More than {limit:.0%} over the budget: {'; '.join(over)}. Where it goes: python -m bench.budget")
    return 1 if over else 0
