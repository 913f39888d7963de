"""Numbers in the text format of Prometheus, for all workers together."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from idp.adapters.observability.metrics import Metrics
from idp.adapters.observability.numbers import BUCKETS, Numbers
from idp.adapters.observability.worker_numbers import WorkerNumbers

_GAUGES = {
    "idp_argon2_queue": "Password hashes in work or waiting.",
    "idp_writer_queue": "Units of work waiting for the database's writer.",
    "idp_outbox_pending": "Messages that wait for delivery.",
    "idp_audit_head": "Audit events written so far, all streams together.",
    "idp_background_jobs_failing": "Background jobs whose last run failed.",
}
"""Every gauge that may be registered (`Metrics.gauge`, `Metrics.shared_gauge`) and what it says."""


class Exposition:
    """Gives the text, the numbers of the other workers included."""

    def __init__(self, metrics: Metrics, others: WorkerNumbers | None = None) -> None:
        self._metrics = metrics
        self._others = others

    async def __call__(self) -> bytes:
        """Return the text as UTF-8."""
        numbers = await self._metrics.sample()
        if self._others is not None:
            for other in self._others.read_others():
                numbers.add(other)
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Families(numbers))
        return generate_latest(registry)


class _Families(Collector):
    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers

    def collect(self) -> Iterator[Metric]:
        numbers = self._numbers
        requests = CounterMetricFamily("idp_requests", "Requests by route and status.", labels=("route", "status"))
        for route, statuses in numbers.requests.items():
            for status, count in statuses.items():
                requests.add_metric((route, str(status)), count)
        yield requests
        yield _durations(numbers)
        yield _counter("idp_audit_events", "Audit events by name.", "name", numbers.events)
        yield _counter("idp_sign_ins", "Sign-in steps by outcome.", "outcome", numbers.sign_ins)
        yield _counter("idp_tokens_issued", "Token answers by grant type.", "grant_type", numbers.tokens)
        yield _counter("idp_tokens_refused", "Token refusals by error.", "error", numbers.refusals)
        yield _counter("idp_background_failures", "Failed runs of background jobs.", "job", numbers.job_failures)
        for name, value in {**numbers.summed, **numbers.shared}.items():
            yield GaugeMetricFamily(name, _GAUGES[name], value=value)


def _counter(name: str, says: str, label: str, counts: dict[str, int]) -> CounterMetricFamily:
    family = CounterMetricFamily(name, says, labels=(label,))
    for value, count in counts.items():
        family.add_metric((value,), count)
    return family


def _durations(numbers: Numbers) -> HistogramMetricFamily:
    family = HistogramMetricFamily("idp_request_seconds", "Time to answer, by route.", labels=("route",))
    for route, counts in numbers.durations.items():
        so_far = 0
        buckets = []
        for bound, count in zip((*(str(bound) for bound in BUCKETS), "+Inf"), counts, strict=True):
            so_far += count
            buckets.append((bound, float(so_far)))
        family.add_metric((route,), buckets, numbers.seconds[route])
    return family
