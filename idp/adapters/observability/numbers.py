"""What one process counted, in a form that adds up with the numbers of other processes."""

from typing import TypeAlias

import msgspec

from idp.adapters.observability.families import BY_NAME, Gauge

Labels: TypeAlias = tuple[str, ...]


class Distribution(msgspec.Struct):
    """A histogram: how many fell into each bucket, the last one without bound, and the seconds of all of them."""

    counts: list[int]
    seconds: float = 0.0


class Numbers(msgspec.Struct):
    """Values by name (`families`) and label values."""

    counters: dict[str, dict[Labels, float]] = msgspec.field(default_factory=dict)
    distributions: dict[str, dict[Labels, Distribution]] = msgspec.field(default_factory=dict)
    gauges: dict[str, dict[Labels, float]] = msgspec.field(default_factory=dict)

    def add(self, other: "Numbers") -> None:
        """Add the numbers of another process; gauges add up or the larger one counts, as their family says."""
        for name, values in other.counters.items():
            mine = self.counters.setdefault(name, {})
            for labels, value in values.items():
                mine[labels] = mine.get(labels, 0) + value
        for name, distributions in other.distributions.items():
            self._add_distributions(name, distributions)
        for name, values in other.gauges.items():
            self._add_gauges(name, values)

    def _add_distributions(self, name: str, distributions: dict[Labels, Distribution]) -> None:
        mine = self.distributions.setdefault(name, {})
        for labels, theirs in distributions.items():
            sofar = mine.get(labels)
            if sofar is None:
                mine[labels] = Distribution([*theirs.counts], theirs.seconds)
            else:
                counts = [one + another for one, another in zip(sofar.counts, theirs.counts, strict=True)]
                mine[labels] = Distribution(counts, sofar.seconds + theirs.seconds)

    def _add_gauges(self, name: str, values: dict[Labels, float]) -> None:
        family = BY_NAME[name]
        largest = isinstance(family, Gauge) and family.workers == "max"
        mine = self.gauges.setdefault(name, {})
        for labels, value in values.items():
            sofar = mine.get(labels)
            mine[labels] = value if sofar is None else max(sofar, value) if largest else sofar + value
