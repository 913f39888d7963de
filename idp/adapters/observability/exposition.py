"""Numbers in the text format of Prometheus, for all workers together."""

from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from idp.adapters.observability.families import FAMILIES, Counter, Family, Gauge, Histogram
from idp.adapters.observability.metrics import Metrics
from idp.adapters.observability.numbers import Numbers
from idp.adapters.observability.worker_numbers import WorkerNumbers


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
        for family in FAMILIES:
            yield _metric(family, self._numbers)


def _metric(family: Family, numbers: Numbers) -> Metric:
    """One family with its values; without any, its name and what it says."""
    name, says, labels = family.name, family.says, family.labels
    match family:
        case Counter():
            counter = CounterMetricFamily(name, says, labels=labels)
            for values, count in numbers.counters.get(name, {}).items():
                counter.add_metric(values, count)
            return counter
        case Gauge():
            gauge = GaugeMetricFamily(name, says, labels=labels)
            for values, value in numbers.gauges.get(name, {}).items():
                gauge.add_metric(values, value)
            return gauge
        case Histogram():
            return _histogram(family, numbers)


def _histogram(family: Histogram, numbers: Numbers) -> Metric:
    histogram = HistogramMetricFamily(family.name, family.says, labels=family.labels)
    bounds = (*(str(bound) for bound in family.buckets), "+Inf")
    for values, distribution in numbers.distributions.get(family.name, {}).items():
        counts = (float(count) for count in accumulate(distribution.counts))
        histogram.add_metric(values, [*zip(bounds, counts, strict=True)], distribution.seconds)
    return histogram
