"""One log line and one observation for each request."""

from typing import Protocol

from structlog.typing import FilteringBoundLogger

from idp.adapters.observability.logs import places
from idp.adapters.observability.metrics import Metrics
from idp.adapters.observability.request_lines import RequestLines
from idp.adapters.observability.traces import Traces
from idp.ports.traces import RequestTrace


class Request(Protocol):
    """What is told of a request: nothing that the client wrote, but for a client identifier that was looked up."""

    @property
    def request_id(self) -> str: ...
    @property
    def route(self) -> str: ...
    @property
    def client_id(self) -> str | None: ...
    @property
    def outcome(self) -> str: ...

    trace: RequestTrace | None


class RequestObserver:
    """Writes the line, counts the request, and keeps its trace where there are traces."""

    def __init__(self, log: FilteringBoundLogger, lines: RequestLines, metrics: Metrics, traces: Traces) -> None:
        self._log = log
        self._lines = lines
        self._metrics = metrics
        self._traces = traces

    def started(self, request: Request, trace_parent: str | None) -> None:
        """Begin the trace."""
        request.trace = self._traces.begin(trace_parent)

    def finished(self, request: Request, method: str, status: int, seconds: float) -> None:
        """Log route, status, outcome and duration (milliseconds), and count them."""
        outcome = request.outcome or _outcome_of(status)
        self._metrics.observe_request(request.route, status, seconds, request.client_id, outcome)
        method = method if method in _METHODS else "other"
        self._lines.write(
            request_id=request.request_id,
            method=method,
            route=request.route,
            status=status,
            outcome=outcome,
            ms=round(seconds * 1000, 2),
            client_id=request.client_id,
            trace_id=None if request.trace is None else request.trace.trace_id,
        )
        if request.trace is not None:
            request.trace.end(
                f"{method} {request.route}", _attributes(request, method, status, outcome), failed=status >= _FAULT
            )

    def failed(self, request: Request, failure: Exception) -> None:
        """Log where an unexpected failure came from."""
        self._log.error(
            "failure",
            request_id=request.request_id,
            route=request.route,
            failure=places(failure),
            **_trace_field(request),
        )


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_CLIENT_GONE = 499
_FAULT = 500


def _trace_field(request: Request) -> dict[str, str]:
    return {} if request.trace is None else {"trace_id": request.trace.trace_id}


def _attributes(request: Request, method: str, status: int, outcome: str) -> dict[str, str | int]:
    """What a span tells of the request: what the line in the log tells."""
    attributes: dict[str, str | int] = {
        "http.request.method": method,
        "http.route": request.route,
        "http.response.status_code": status,
        "idp.request_id": request.request_id,
        "idp.outcome": outcome,
    }
    if request.client_id is not None:
        attributes["idp.client_id"] = request.client_id
    return attributes


def _outcome_of(status: int) -> str:
    """What became of a request whose handler named no error."""
    if status < 400:  # noqa: PLR2004 -- the classes of RFC 9110 section 15
        return "ok"
    if status == _CLIENT_GONE:
        return "client_gone"
    return "refused" if status < _FAULT else "failed"
