"""What the edge knows about one request before a handler sees it, and what a handler tells it for the log."""

from starlette.types import Scope

from idp.domain.ids import RequestId
from idp.domain.values import dataclass
from idp.ports.traces import RequestTrace

_KEY = "idp.context"
UNMATCHED = "unmatched"


@dataclass(slots=True)
class RequestContext:
    """One request.

    `client_address` is the caller's, or its IPv6 network, seen through trusted proxies: good for a pseudonym only.
    `client_certificate` is the one in DER that the caller showed to a trusted proxy, which checked that it holds the
    key and nothing else: whether the certificate is worth anything, who reads it decides.
    `route` names the endpoint for logs and metrics, never with values in it; `client_id` is set by whoever has
    authenticated or looked up the client; `outcome` is the error code that was answered, empty where there is none;
    `trace` is the observer's.
    """

    request_id: RequestId
    client_address: str
    client_certificate: bytes | None = None
    route: str = UNMATCHED
    client_id: str | None = None
    outcome: str = ""
    trace: RequestTrace | None = None


def attach(scope: Scope, context: RequestContext) -> None:
    """Make `context` the context of this request."""
    scope[_KEY] = context


def request_context(scope: Scope) -> RequestContext:
    """Return the context of this request; raises KeyError outside the edge (`idp.web.edge.exchange`)."""
    context: RequestContext = scope[_KEY]
    return context


def find_context(scope: Scope) -> RequestContext | None:
    """Return the context, or None where the edge is not in front (a handler tested alone)."""
    context: RequestContext | None = scope.get(_KEY)
    return context
