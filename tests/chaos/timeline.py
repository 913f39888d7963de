"""Operations by the second: how many failed, and when the provider was well again."""

import time
from collections import Counter, deque
from dataclasses import dataclass, field
from itertools import pairwise

WELL = 0.01
"""The share of failed operations below which the provider counts as well."""

WINDOW = 5.0
"""Seconds over which the share is taken."""


@dataclass
class Timeline:
    """Every finished operation."""

    started: float = field(default_factory=time.monotonic)
    finished: list[tuple[float, bool]] = field(default_factory=list)
    succeeded: Counter[str] = field(default_factory=Counter)
    attempted: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    def note(self, kind: str, failure: str = "", at: float | None = None) -> None:
        """One operation ended, well when `failure` is empty."""
        self.finished.append((time.monotonic() if at is None else at, not failure))
        self.attempted[kind] += 1
        if failure:
            self.reasons[f"{kind}: {failure}"] += 1
        else:
            self.succeeded[kind] += 1

    @property
    def errors(self) -> float:
        """Share of the operations that failed."""
        failed = sum(1 for _, well in self.finished if not well)
        return failed / len(self.finished) if self.finished else 0.0

    @property
    def rate(self) -> float:
        """Operations per second since the start."""
        return len(self.finished) / (time.monotonic() - self.started)

    def recovery(self, fault: float) -> float:
        """Seconds from the fault until the share of failures was below `WELL` for good, and somebody had succeeded.

        The share is that of the last `WINDOW` seconds, and looked at whenever an operation failed.
        """
        after = sorted(each for each in self.finished if each[0] >= fault)
        well = next((at for at, succeeded in after if succeeded), fault)
        recent: deque[tuple[float, bool]] = deque()
        for at, succeeded in after:
            recent.append((at, succeeded))
            while recent[0][0] <= at - WINDOW:
                recent.popleft()
            if not succeeded and sum(1 for _, fine in recent if not fine) >= WELL * len(recent):
                well = max(well, at)
        return well - fault

    def silence(self, fault: float) -> float:
        """Seconds of the longest time after the fault in which nothing succeeded."""
        moments = [fault, *sorted(at for at, well in self.finished if well and at >= fault)]
        return max((after - before for before, after in pairwise(moments)), default=0.0)
