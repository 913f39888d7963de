"""Counts requests, sign-ins, tokens and failures of one process, and reads gauges when they are asked for.

Counting is a dictionary look-up and an addition, about a microsecond for a request; `idp.adapters.observability.
exposition` writes the text for Prometheus.
"""

from bisect import bisect_left
from collections.abc import Awaitable, Callable, Iterable

from idp.adapters.observability.numbers import BUCKETS, Numbers
from idp.domain.events import (
    ActivationCodeRefused,
    Event,
    PasswordRefused,
    SecondFactorRefused,
    SessionStarted,
    TokenRefused,
    TokensIssued,
)

_SIGN_IN_OUTCOMES: dict[type[Event], str] = {
    PasswordRefused: "password_refused",
    SecondFactorRefused: "second_factor_refused",
    ActivationCodeRefused: "activation_code_refused",
}


class Metrics:
    """The numbers of this process. Gauges may be registered at any time; one that cannot be read is left out."""

    def __init__(self) -> None:
        self.numbers = Numbers()
        self._summed: dict[str, Callable[[], float]] = {}
        self._shared: dict[str, Callable[[], Awaitable[float]]] = {}

    def observe_request(self, route: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        numbers = self.numbers
        statuses = numbers.requests.get(route)
        if statuses is None:
            statuses = numbers.requests[route] = {}
            numbers.durations[route] = [0] * (len(BUCKETS) + 1)
            numbers.seconds[route] = 0.0
        statuses[status] = statuses.get(status, 0) + 1
        numbers.durations[route][bisect_left(BUCKETS, seconds)] += 1
        numbers.seconds[route] += seconds

    def count_events(self, events: Iterable[Event]) -> None:
        """Count audit events that were recorded, and the sign-ins and tokens that they tell of."""
        numbers = self.numbers
        for event in events:
            _count(numbers.events, event.name)
            match event:
                case TokensIssued():
                    _count(numbers.tokens, event.grant_type)
                case TokenRefused():
                    _count(numbers.refusals, event.error)
                case SessionStarted():
                    _count(numbers.sign_ins, "stepped_up" if event.stepped_up else "signed_in")
                case _ if type(event) in _SIGN_IN_OUTCOMES:
                    _count(numbers.sign_ins, _SIGN_IN_OUTCOMES[type(event)])
                case _:
                    pass

    def job_failed(self, name: str) -> None:
        """Count a failed run of a background job."""
        _count(self.numbers.job_failures, name)

    def gauge(self, name: str, read: Callable[[], float]) -> None:
        """Register something of this process (a queue's length); several workers add theirs up."""
        self._summed[name] = read

    def shared_gauge(self, name: str, read: Callable[[], Awaitable[float]]) -> None:
        """Register something that every worker sees alike (messages waiting in the database)."""
        self._shared[name] = read

    async def sample(self) -> Numbers:
        """Return a copy of the numbers, gauges read now."""
        self.read_own_gauges()
        copy = Numbers()
        copy.add(self.numbers)
        for name, read in self._shared.items():
            try:
                copy.shared[name] = await read()
            except Exception:  # noqa: BLE001 -- numbers are wanted most when something is broken
                copy.shared.pop(name, None)
        return copy

    def read_own_gauges(self) -> None:
        """Bring the gauges of this process up to date."""
        for name, read in self._summed.items():
            self.numbers.summed[name] = read()


def _count(counts: dict[str, int], label: str) -> None:
    counts[label] = counts.get(label, 0) + 1
