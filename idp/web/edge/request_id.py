"""Request identifiers: a trusted proxy's `X-Request-Id` when it is well formed, else one of our own."""

import re

from starlette.types import Scope

from idp.domain.ids import RequestId
from idp.ports.clock import Entropy
from idp.web.edge.proxy import TrustedProxies

HEADER = b"x-request-id"
_FORM = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._-]{7,127}")


class RequestIds:
    """Gives every request its identifier."""

    def __init__(self, entropy: Entropy, proxies: TrustedProxies) -> None:
        self._entropy = entropy
        self._proxies = proxies

    def assign(self, scope: Scope) -> RequestId:
        """Return the proxy's identifier, or a fresh one where none, two or an odd one was sent, or by a stranger."""
        if self._proxies.trusts(scope):
            sent = [value for key, value in scope["headers"] if key == HEADER]
            if len(sent) == 1 and _FORM.fullmatch(sent[0]):
                return RequestId(sent[0].decode("ascii"))
        return RequestId(self._entropy.identifier())
