"""Where spans go: in batches, from a thread of its own, to an OTLP collector; lost when it does not answer."""

import logging
from collections.abc import Sequence
from importlib.metadata import version
from typing import Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

from idp.adapters.observability.families import TRACE_SPANS
from idp.adapters.observability.metrics import Metrics
from idp.setting_forms import TraceCollector

MOST_WAITING: Final = 4_096
"""Spans that wait to be sent; the oldest ones go when there are more."""

LONGEST_EXPORT: Final = 3.0
"""Seconds for one batch, repeated attempts included."""

_BATCH: Final = 512
_EVERY: Final = 2_000
"""Milliseconds between two batches that are not full."""

_LIBRARY: Final = "opentelemetry.exporter.otlp.proto.http.trace_exporter"


def open_provider(collector: TraceCollector, node: str, metrics: Metrics) -> TracerProvider:
    """Return what makes spans and sends them. Nothing global is set, so that two can stand beside each other."""
    # A collector that is away would be told of with every batch; the number says so without filling the log.
    logging.getLogger(_LIBRARY).setLevel(logging.CRITICAL)
    provider = TracerProvider(
        sampler=ParentBased(TraceIdRatioBased(collector.ratio)),
        resource=Resource.create(
            {
                "service.name": "idp",
                "service.version": version("national-identity-provider"),
                "service.instance.id": node,
            }
        ),
        shutdown_on_exit=False,
    )
    exporter = CountedExporter(OTLPSpanExporter(endpoint=collector.endpoint, timeout=LONGEST_EXPORT), metrics)
    provider.add_span_processor(
        BatchSpanProcessor(
            exporter, max_queue_size=MOST_WAITING, schedule_delay_millis=_EVERY, max_export_batch_size=_BATCH
        )
    )
    return provider


class CountedExporter(SpanExporter):
    """An exporter that counts what arrived and what was lost on the way."""

    def __init__(self, exporter: SpanExporter, metrics: Metrics) -> None:
        self._exporter = exporter
        self._metrics = metrics
        for outcome in ("sent", "lost"):
            metrics.count(TRACE_SPANS.name, outcome, by=0)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send a batch; called on the batch's own thread."""
        result = self._exporter.export(spans)
        outcome = "sent" if result is SpanExportResult.SUCCESS else "lost"
        self._metrics.count(TRACE_SPANS.name, outcome, by=len(spans))
        return result

    def shutdown(self) -> None:
        """Give up what is being tried."""
        self._exporter.shutdown()
