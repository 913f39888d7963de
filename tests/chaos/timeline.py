"""Operations by the second: how many failed, and when the provider was well again."""

import time
from collections import Counter
from dataclasses import dataclass, field

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

    def recovery(self, fault: float) -> float:
        """Seconds from the fault to the end of the last second in which one operation of a hundred or more failed."""
        windows: dict[int, list[bool]] = {}
        for at, well in self.finished:
            if at >= fault:
                windows.setdefault(int((at - fault) / WINDOW), []).append(well)
        ill = [number for number, answers in windows.items() if answers.count(False) / len(answers) >= WELL]
        return (max(ill) + 1) * WINDOW if ill else 0.0

    def silence(self, fault: float) -> float:
        """Seconds of the longest time after the fault in which nothing succeeded."""
        moments = [fault, *sorted(at for at, well in self.finished if well and at >= fault)]
        return max((after - before for before, after in zip(moments, moments[1:], strict=False)), default=0.0)
