import io
import json
from dataclasses import dataclass

import pytest

from idp.adapters.observability.logs import open_log
from idp.adapters.observability.metrics import Metrics
from idp.adapters.observability.request_lines import RequestLines
from idp.adapters.observability.requests import RequestObserver
from idp.adapters.observability.traces import NoTraces, Traces
from idp.ports.traces import RequestTrace
from tests.adapters.observability.test_request_lines import at_once
from tests.adapters.observability.tracing.memory import Noted


@dataclass
class Seen:
    request_id: str = "0190a1b2"
    route: str = "token"
    client_id: str | None = "portal"
    outcome: str = ""
    trace: RequestTrace | None = None


def _observer(stream: io.BytesIO, metrics: Metrics, traces: Traces) -> RequestObserver:
    return RequestObserver(open_log(stream), RequestLines(stream, at_once), metrics, traces)


def test_a_request_is_one_line_and_one_count() -> None:
    stream, metrics = io.BytesIO(), Metrics()
    _observer(stream, metrics, NoTraces()).finished(Seen(), "POST", 200, 0.0123456)
    line = json.loads(stream.getvalue())
    assert {name: line[name] for name in line if name != "timestamp"} == {
        "event": "request", "level": "info", "request_id": "0190a1b2", "method": "POST", "route": "token",
        "status": 200, "outcome": "ok", "ms": 12.35, "client_id": "portal",
    }  # fmt: skip
    assert metrics.numbers.counters["idp_client_requests_total"] == {("token", "portal", "ok"): 1}


@pytest.mark.parametrize(("status", "code", "outcome"), [
    (200, "", "ok"), (303, "", "ok"), (303, "login_required", "login_required"), (404, "", "refused"),
    (400, "invalid_grant", "invalid_grant"), (499, "", "client_gone"), (503, "", "failed"),
])  # fmt: skip
def test_the_outcome_is_the_error_code_or_else_told_by_the_status(status: int, code: str, outcome: str) -> None:
    metrics = Metrics()
    _observer(io.BytesIO(), metrics, NoTraces()).finished(Seen(client_id=None, outcome=code), "GET", status, 0.1)
    assert metrics.numbers.counters["idp_client_requests_total"] == {("token", "_none", outcome): 1}


def test_a_method_that_nobody_knows_is_not_repeated() -> None:
    stream = io.BytesIO()
    _observer(stream, Metrics(), NoTraces()).finished(Seen(), "001099000001", 405, 0.001)
    assert json.loads(stream.getvalue())["method"] == "other"


def test_a_failure_is_logged_with_its_place_and_without_its_message() -> None:
    stream = io.BytesIO()
    _observer(stream, Metrics(), NoTraces()).failed(Seen(), ValueError("001099000001"))
    line = json.loads(stream.getvalue())
    assert (line["event"], line["level"], line["route"]) == ("failure", "error", "token")
    assert "001099000001" not in stream.getvalue().decode()


def test_with_traces_the_line_and_the_span_name_each_other() -> None:
    stream, noted = io.BytesIO(), Noted()
    observer = _observer(stream, Metrics(), noted.traces)
    seen = Seen(outcome="invalid_grant")
    observer.started(seen, None)
    observer.failed(seen, ValueError("001099000001"))
    observer.finished(seen, "POST", 500, 0.01)
    failure, line = (json.loads(each) for each in stream.getvalue().splitlines())
    (span,) = noted.spans()
    assert span.context is not None
    assert failure["trace_id"] == line["trace_id"] == format(span.context.trace_id, "032x")
    assert (span.name, span.status.is_ok) == ("POST token", False)
    assert noted.attributes("POST token") == {
        "http.request.method": "POST",
        "http.route": "token",
        "http.response.status_code": 500,
        "idp.request_id": "0190a1b2",
        "idp.outcome": "invalid_grant",
        "idp.client_id": "portal",
    }


def test_without_traces_there_is_no_trace_in_the_line() -> None:
    stream, seen = io.BytesIO(), Seen(client_id=None)
    observer = _observer(stream, Metrics(), NoTraces())
    observer.started(seen, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    observer.finished(seen, "GET", 200, 0.01)
    assert "trace_id" not in json.loads(stream.getvalue())
