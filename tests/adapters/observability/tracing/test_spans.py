import asyncio
import time

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.trace import SpanKind, StatusCode, get_current_span

from idp.adapters.observability.tracing import spans
from idp.adapters.observability.tracing.spans import Spans
from tests.adapters.observability.tracing.memory import Noted

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


def _only(noted: Noted) -> ReadableSpan:
    (span,) = noted.spans()
    return span


def test_a_request_is_one_span_of_the_server() -> None:
    noted = Noted()
    request = noted.traces.begin(None)
    assert get_current_span().is_recording()
    request.end("POST token", {"http.route": "token", "http.response.status_code": 200}, failed=False)
    span = _only(noted)
    assert (span.name, span.kind, span.parent) == ("POST token", SpanKind.SERVER, None)
    assert dict(span.attributes or {}) == {"http.route": "token", "http.response.status_code": 200}
    assert span.context is not None
    assert request.trace_id == format(span.context.trace_id, "032x")
    assert not get_current_span().is_recording()


def test_a_failed_request_is_a_fault() -> None:
    noted = Noted()
    noted.traces.begin(None).end("POST token", {}, failed=True)
    assert _only(noted).status.status_code is StatusCode.ERROR


def test_a_parent_goes_on_in_its_trace_and_decides_whether_it_is_noted() -> None:
    noted, unsampled = Noted(sampled=False), Noted()
    for each, flags in ((noted, "01"), (unsampled, "00")):
        # As the sampler does outside of tests: the parent decides, the ratio is for requests without one.
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(each.traces._provider._active_span_processor)
        traces = Spans(provider)
        request = traces.begin(f"00-{TRACE}-{PARENT}-{flags}")
        assert request.trace_id == TRACE
        request.end("GET authorize", {}, failed=False)
    span = _only(noted)
    assert span.parent is not None
    assert (format(span.parent.span_id, "016x"), span.parent.is_remote) == (PARENT, True)
    assert unsampled.spans() == ()


@pytest.mark.parametrize("parent", [
    "", "00", f"00-{TRACE}-{PARENT}", f"00-{TRACE}-{PARENT}-01-extra", f"00-{TRACE.upper()}-{PARENT}-01",
    f"00-{'0' * 32}-{PARENT}-01", f"00-{TRACE}-{'0' * 16}-01", f"ff-{TRACE}-{PARENT}-01", "x" * 4000,
])  # fmt: skip
def test_a_parent_that_cannot_be_read_is_ignored(parent: str) -> None:
    noted = Noted()
    request = noted.traces.begin(parent)
    request.end("GET authorize", {}, failed=False)
    assert _only(noted).parent is None
    assert request.trace_id != TRACE


def test_what_is_not_sampled_has_a_trace_identifier_all_the_same() -> None:
    noted = Noted(sampled=False)
    request = noted.traces.begin(None)
    request.end("GET authorize", {}, failed=False)
    assert len(request.trace_id) == 32
    assert int(request.trace_id, 16) != 0
    assert noted.spans() == ()


async def test_closing_does_not_wait_for_a_collector_that_keeps_the_line_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spans, "LONGEST_CLOSE", 0.05)
    released = asyncio.Event()
    loop = asyncio.get_running_loop()

    class Hanging(TracerProvider):
        def shutdown(self) -> None:
            asyncio.run_coroutine_threadsafe(released.wait(), loop).result(10)

    begun = time.monotonic()
    await Spans(Hanging(shutdown_on_exit=False)).close()
    assert time.monotonic() - begun < 2
    released.set()
