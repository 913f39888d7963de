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


class RequestObserver:
    """Writes the line and counts the request."""

    def __init__(self, log: FilteringBoundLogger, metrics: Metrics) -> None:
        self._log = log
        self._metrics = metrics

    def finished(self, request: Request, method: str, status: int, seconds: float) -> None:
        """Log route, status and duration (milliseconds), and count them."""
        self._metrics.observe_request(request.route, status, seconds)
        self._log.info(
            "request",
            request_id=request.request_id,
            method=method if method in _METHODS else "other",
            route=request.route,
            status=status,
            ms=round(seconds * 1000, 2),
            client_id=request.client_id,
        )

    def failed(self, request: Request, failure: Exception) -> None:
        """Log where an unexpected failure came from."""
        self._log.error("failure", request_id=request.request_id, route=request.route, failure=places(failure))


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
