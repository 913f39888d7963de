"""What one process counted, in a form that adds up with the numbers of other processes."""

from collections.abc import Callable
from typing import TypeVar

import msgspec

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Upper bounds of the duration histogram in seconds; one more bucket holds everything slower."""

K = TypeVar("K")
V = TypeVar("V", int, float)


class Numbers(msgspec.Struct):
    """Counts by label. Gauges come in two kinds: `summed` over the workers, and `shared`, which all see alike."""

    requests: dict[str, dict[int, int]] = msgspec.field(default_factory=dict)
    durations: dict[str, list[int]] = msgspec.field(default_factory=dict)
    seconds: dict[str, float] = msgspec.field(default_factory=dict)
    events: dict[str, int] = msgspec.field(default_factory=dict)
    sign_ins: dict[str, int] = msgspec.field(default_factory=dict)
    tokens: dict[str, int] = msgspec.field(default_factory=dict)
    refusals: dict[str, int] = msgspec.field(default_factory=dict)
    job_failures: dict[str, int] = msgspec.field(default_factory=dict)
    summed: dict[str, float] = msgspec.field(default_factory=dict)
    shared: dict[str, float] = msgspec.field(default_factory=dict)

    def add(self, other: "Numbers") -> None:
        """Add the numbers of another process."""
        for route, statuses in other.requests.items():
            _add(self.requests.setdefault(route, {}), statuses)
        for route, counts in other.durations.items():
            mine = self.durations.get(route) or [0] * len(counts)
            self.durations[route] = [one + another for one, another in zip(mine, counts, strict=True)]
        _add(self.seconds, other.seconds)
        for counter in COUNTERS:
            _add(counter(self), counter(other))
        _add(self.summed, other.summed)
        for name, value in other.shared.items():
            self.shared[name] = max(value, self.shared.get(name, value))


COUNTERS: tuple[Callable[[Numbers], dict[str, int]], ...] = (
    lambda numbers: numbers.events,
    lambda numbers: numbers.sign_ins,
    lambda numbers: numbers.tokens,
    lambda numbers: numbers.refusals,
    lambda numbers: numbers.job_failures,
)


def _add(mine: dict[K, V], others: dict[K, V]) -> None:
    for name, value in others.items():
        mine[name] = mine[name] + value if name in mine else value
