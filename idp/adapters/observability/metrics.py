"""Counts what one process does, and reads gauges when they are asked for.

Counting is a few dictionary look-ups and additions, about two microseconds for a request; `idp.adapters.observability.
exposition` writes the text for Prometheus, `families` declares every number.
"""

from asyncio import gather, timeout
from bisect import bisect_left
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress

from idp.adapters.observability import families
from idp.adapters.observability.client_labels import ClientLabels
from idp.adapters.observability.event_counts import counts_of
from idp.adapters.observability.families import BY_NAME, Counter, Histogram
from idp.adapters.observability.numbers import Distribution, Labels, Numbers
from idp.domain.events import Event

Value = float | Mapping[Labels, float]
"""What a gauge says: one number, or one for each set of label values."""

LONGEST_READ = 3.0
"""Seconds for a gauge that asks a store; one that does not answer must not hold the other numbers up."""

_REQUESTS = families.REQUESTS.name
_REQUEST_SECONDS = families.REQUEST_SECONDS.name
_CLIENT_REQUESTS = families.CLIENT_REQUESTS.name


class Metrics:
    """The numbers of this process. Gauges may be registered at any time; one that cannot be read is left out."""

    def __init__(self) -> None:
        self.numbers = Numbers()
        self._clients = ClientLabels()
        self._own: dict[str, Callable[[], Value]] = {}
        self._shared: dict[str, Callable[[], Awaitable[Value]]] = {}
        self._grown: dict[str, Callable[[], float]] = {}
        for family in families.FAMILIES:
            if isinstance(family, Counter):
                self.numbers.counters[family.name] = {} if family.labels else {(): 0}
            elif isinstance(family, Histogram):
                self.numbers.distributions[family.name] = {}

    def observe_request(self, route: str, status: int, seconds: float, client_id: str | None, outcome: str) -> None:
        """Count one answered request. `client_id` is that of a registered client, or None.

        Clients are told apart at protocol endpoints, which have names; pages, named by their paths, are too many.
        """
        counters = self.numbers.counters
        _add(counters[_REQUESTS], (route, str(status)), 1)
        if not route.startswith("/"):
            _add(counters[_CLIENT_REQUESTS], (route, self._clients.label(client_id), outcome), 1)
        self.observe(_REQUEST_SECONDS, seconds, route)

    def count(self, name: str, *labels: str, by: float = 1) -> None:
        """Add to a counter; `by=0` makes it visible before there is anything to count."""
        _add(self.numbers.counters[name], labels, by)

    def observe(self, name: str, seconds: float, *labels: str) -> None:
        """Put a duration into its bucket."""
        distributions = self.numbers.distributions[name]
        distribution = distributions.get(labels)
        if distribution is None:
            distribution = distributions[labels] = _empty(name)
        distribution.counts[bisect_left(_BOUNDS[name], seconds)] += 1
        distribution.seconds += seconds

    def count_events(self, events: Iterable[Event]) -> None:
        """Count audit events that were recorded, and the sign-ins and tokens that they tell of."""
        counters = self.numbers.counters
        for event in events:
            for name, labels, by in counts_of(event):
                _add(counters[name], labels, by)

    def job_failed(self, name: str) -> None:
        """Count a failed run of a background job."""
        self.count(families.JOB_FAILURES.name, name)

    def gauge(self, name: str, read: Callable[[], Value]) -> None:
        """Register something of this process (a queue's length); its family says what several workers make of it.

        Raises KeyError for a name that `families` does not declare.
        """
        self._own[BY_NAME[name].name] = read

    def shared_gauge(self, name: str, read: Callable[[], Awaitable[Value]]) -> None:
        """Register something that every worker sees alike (messages waiting in the database). Raises KeyError too."""
        self._shared[BY_NAME[name].name] = read

    def grown(self, name: str, read: Callable[[], float]) -> None:
        """Register a counter that grows elsewhere (processor time)."""
        self._grown[BY_NAME[name].name] = read

    async def sample(self) -> Numbers:
        """Return a copy of the numbers, gauges read now."""
        self.read_own_gauges()
        copy = Numbers()
        copy.add(self.numbers)
        for name, values in zip(self._shared, await gather(*map(_read, self._shared.values())), strict=True):
            if values is not None:
                copy.gauges[name] = values
        return copy

    def read_own_gauges(self) -> None:
        """Bring the gauges of this process up to date; those that cannot be read are left out."""
        for name, read in self._own.items():
            self.numbers.gauges.pop(name, None)
            with suppress(Exception):
                self.numbers.gauges[name] = _by_labels(read())
        for name, total in self._grown.items():
            with suppress(Exception):
                self.numbers.counters[name] = {(): total()}


_BOUNDS = {family.name: family.buckets for family in families.FAMILIES if isinstance(family, Histogram)}


async def _read(read: Callable[[], Awaitable[Value]]) -> dict[Labels, float] | None:
    """Return what a gauge says; None when it cannot be read in time: numbers are wanted most when things are broken."""
    try:
        async with timeout(LONGEST_READ):
            return _by_labels(await read())
    except Exception:  # noqa: BLE001 -- see above
        return None


def _empty(name: str) -> Distribution:
    return Distribution([0] * (len(_BOUNDS[name]) + 1))


def _by_labels(value: Value) -> dict[Labels, float]:
    return {**value} if isinstance(value, Mapping) else {(): value}


def _add(counts: dict[Labels, float], labels: Labels, by: float) -> None:
    counts[labels] = counts.get(labels, 0) + by
