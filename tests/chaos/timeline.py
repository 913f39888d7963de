"""Operations by the second: how many failed, and when the provider was well again."""

import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

WELL = 0.01
"""The share of failed operations below which the provider counts as well."""

WINDOW = 1.0


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
        """Seconds from the fault to the end of the last second in which one of a hundred operations or more failed.

        A second in which none ended at all is no better.
        """
        windows: dict[int, list[bool]] = {}
        for at, well in self.finished:
            if at >= fault:
                windows.setdefault(int((at - fault) / WINDOW), []).append(well)
        last = max(windows, default=-1)
        ill = [each for each in range(last) if _share_failed(windows.get(each, [False])) >= WELL]
        return (max(ill) + 1) * WINDOW if ill else 0.0

    def silence(self, fault: float) -> float:
        """Seconds of the longest time after the fault in which nothing succeeded."""
        moments = [fault, *sorted(at for at, well in self.finished if well and at >= fault)]
        return max((after - before for before, after in pairwise(moments)), default=0.0)


def _share_failed(answers: list[bool]) -> float:
    return answers.count(False) / len(answers)
