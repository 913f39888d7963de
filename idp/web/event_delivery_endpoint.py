"""Security events as a plain ASGI handler (RFC 8935 section 2): one token in, nothing or an error out."""

from starlette.types import Receive, Scope

from idp.domain.events import Origin
from idp.ports.keys import SubjectKeys
from idp.protocol.errors import OAuthError
from idp.protocol.registers.event_delivery import PATH, Delivery, EventDeliveryEndpoint
from idp.protocol.registers.security_event import SecurityEventError
from idp.web.edge.body import header, read_body
from idp.web.edge.context import request_context
from idp.web.edge.headers import SecurityHeaders
from idp.web.edge.refusals import RefusedRequest, UnsupportedMediaType
from idp.web.edge.router import Route
from idp.web.machine_endpoint import machine_endpoint
from idp.web.responses import ProtocolAnswer, json_answer

_TYPE = "application/secevent+jwt"
_ACCEPTED = 202
# RFC 8935 section 2.3: "The response MUST include a Content-Language header field".
_LANGUAGE = ((b"content-language", b"en"),)


class EventChallenge:
    """Errors of the endpoint."""

    def answer(self, error: OAuthError) -> ProtocolAnswer:
        """Return RFC 8935 section 2.3: the error as JSON."""
        body = json_answer({"err": error.code, "description": error.description}, status=error.status)
        return ProtocolAnswer(body.status, body.body, body.content_type, _LANGUAGE)


def event_delivery_route(endpoint: EventDeliveryEndpoint, keys: SubjectKeys, security: SecurityHeaders) -> Route:
    """Return the route; only POST is answered."""

    async def handle(scope: Scope, receive: Receive, origin: Origin) -> ProtocolAnswer:
        try:
            token = await _token(scope, receive)
        except RefusedRequest as refused:
            error = SecurityEventError(refused.reason)
            await endpoint.refuse(error, origin)
            raise error from refused
        request_context(scope).client_id = await endpoint(Delivery(token, origin))
        # Section 2.2: "with the HTTP Response Status Code set to 202 (Accepted). [...] body [...] MUST be empty."
        return ProtocolAnswer(_ACCEPTED)

    handler = machine_endpoint(handle, endpoint, EventChallenge(), keys, security.protocol)
    return Route(PATH, "registry events", {"POST": handler})


async def _token(scope: Scope, receive: Receive) -> str:
    """Return the body of a request. Raises `RefusedRequest`."""
    kind, _, _ = (header(scope, b"content-type") or "").partition(";")
    # Section 2.1: "The Content-Type header field [...] MUST be application/secevent+jwt".
    if kind.strip().lower() != _TYPE:
        raise UnsupportedMediaType("The request body must be application/secevent+jwt.")
    return (await read_body(scope, receive)).decode("ascii", "replace").strip()
