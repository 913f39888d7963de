import socket
import time
from contextlib import closing

import pytest
from opentelemetry.sdk.trace import TracerProvider

from docker.cluster.ports import free_port
from idp.adapters.observability.metrics import Metrics
from idp.adapters.observability.tracing import collector, spans
from idp.adapters.observability.tracing.collector import open_provider
from idp.adapters.observability.tracing.spans import Spans
from idp.setting_forms import TraceCollector, parse_traces
from tests.otlp_receiver import otlp_receiver


def _open(address: str, metrics: Metrics, monkeypatch: pytest.MonkeyPatch, every: int = 20) -> TracerProvider:
    monkeypatch.setattr(collector, "_EVERY", every)
    settings = parse_traces(f"{address}?ratio=1")
    assert settings is not None
    return open_provider(settings, "node-1", metrics)


def _fates(metrics: Metrics) -> dict[str, float]:
    return {labels[0]: count for labels, count in metrics.numbers.counters["idp_trace_spans_total"].items()}


async def test_spans_arrive_at_the_collector_with_node_and_release(monkeypatch: pytest.MonkeyPatch) -> None:
    metrics = Metrics()
    with otlp_receiver() as received:
        traces = Spans(_open(received.endpoint, metrics, monkeypatch))
        traces.begin(None).end("POST token", {"http.response.status_code": 200}, failed=False)
        span = received.wait_for("POST token")
        await traces.close()
    assert span.attributes == {"http.response.status_code": 200}
    assert (span.resource["service.name"], span.resource["service.instance.id"]) == ("idp", "node-1")
    assert span.resource["service.version"]
    assert _fates(metrics) == {"sent": 1, "lost": 0}


async def test_what_waits_is_sent_when_the_process_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    metrics = Metrics()
    with otlp_receiver() as received:
        traces = Spans(_open(received.endpoint, metrics, monkeypatch, every=60_000))
        traces.begin(None).end("POST token", {}, failed=False)
        await traces.close()
        assert [span.name for span in received.spans] == ["POST token"]


async def test_a_dead_collector_costs_spans_and_fills_neither_memory_nor_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(collector, "LONGEST_EXPORT", 0.2)
    metrics = Metrics()
    traces = Spans(_open(f"http://127.0.0.1:{free_port()}", metrics, monkeypatch))
    for _ in range(collector.MOST_WAITING + 1_000):
        traces.begin(None).end("POST token", {}, failed=False)
    queue = traces._provider._active_span_processor._span_processors[0]._batch_processor._queue  # type: ignore[attr-defined] # the library's own
    assert len(queue) <= collector.MOST_WAITING
    await traces.close()
    assert _fates(metrics)["lost"] > 0
    assert _fates(metrics)["sent"] == 0
    assert not [record for record in caplog.records if "127.0.0.1" in record.getMessage()]


async def test_a_collector_that_never_answers_holds_neither_requests_nor_the_end_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    patience = 300
    monkeypatch.setattr(collector, "LONGEST_EXPORT", patience)
    monkeypatch.setattr(spans, "LONGEST_CLOSE", 0.1)
    metrics = Metrics()
    begun = time.monotonic()
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        traces = Spans(_open(f"http://127.0.0.1:{silent.getsockname()[1]}", metrics, monkeypatch))
        for _ in range(1_000):
            traces.begin(None).end("POST token", {}, failed=False)
        await traces.close()
        assert time.monotonic() - begun < patience / 2
    assert _fates(metrics)["sent"] == 0


async def test_the_ratio_decides_about_requests_without_a_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    with otlp_receiver() as received:
        traces = Spans(open_provider(TraceCollector(f"{received.endpoint}/v1/traces", 0.0), "node-1", Metrics()))
        traces.begin(None).end("POST token", {}, failed=False)
        traces.begin(f"00-{'a' * 32}-{'b' * 16}-01").end("GET authorize", {}, failed=False)
        await traces.close()
        assert [span.name for span in received.spans] == ["GET authorize"]
