"""One log line and one observation for each request."""

from typing import Protocol

from structlog.typing import FilteringBoundLogger

from idp.adapters.observability.logs import places
from idp.adapters.observability.metrics import Metrics


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


class RequestObserver:
    """Writes the line and counts the request."""

    def __init__(self, log: FilteringBoundLogger, metrics: Metrics) -> None:
        self._log = log
        self._metrics = metrics

    def finished(self, request: Request, method: str, status: int, seconds: float) -> None:
        """Log route, status, outcome and duration (milliseconds), and count them."""
        outcome = request.outcome or _outcome_of(status)
        self._metrics.observe_request(request.route, status, seconds, request.client_id, outcome)
        self._log.info(
            "request",
            request_id=request.request_id,
            method=method if method in _METHODS else "other",
            route=request.route,
            status=status,
            outcome=outcome,
            ms=round(seconds * 1000, 2),
            client_id=request.client_id,
        )

    def failed(self, request: Request, failure: Exception) -> None:
        """Log where an unexpected failure came from."""
        self._log.error("failure", request_id=request.request_id, route=request.route, failure=places(failure))


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_CLIENT_GONE = 499


def _outcome_of(status: int) -> str:
    """What became of a request whose handler named no error."""
    if status < 400:  # noqa: PLR2004 -- the classes of RFC 9110 section 15
        return "ok"
    if status == _CLIENT_GONE:
        return "client_gone"
    return "refused" if status < 500 else "failed"  # noqa: PLR2004 -- the classes of RFC 9110 section 15
