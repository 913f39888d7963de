"""W3C Trace Context section 3.2: the `traceparent` of a proxy in front, which is believed like its other headers."""

from starlette.types import Scope

from idp.web.edge.proxy import TrustedProxies

_HEADER = b"traceparent"


def trace_parent(scope: Scope, proxies: TrustedProxies) -> str | None:
    """Return what a trusted proxy sent, not yet read; None for strangers, and where none or two were sent."""
    if not proxies.trusts(scope):
        return None
    sent = [value for key, value in scope["headers"] if key == _HEADER]
    return sent[0].decode("latin-1") if len(sent) == 1 else None
