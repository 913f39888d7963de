"""The backchannel authentication endpoint as a plain ASGI handler: it parses, hands over, and answers."""

from starlette.types import Receive, Scope

from idp.domain.events import Origin
from idp.ports.keys import SubjectKeys
from idp.protocol.ciba.authentication import (
    ENDPOINT,
    PATH,
    AuthenticationRequest,
    BackchannelAuthenticationEndpoint,
)
from idp.web.edge.body import header, read_form
from idp.web.edge.context import request_context
from idp.web.edge.headers import SecurityHeaders
from idp.web.edge.router import Route
from idp.web.machine_endpoint import machine_endpoint, shown_possession
from idp.web.responses import Answer, ClientChallenge, json_answer


def backchannel_route(
    endpoint: BackchannelAuthenticationEndpoint, issuer: str, keys: SubjectKeys, security: SecurityHeaders
) -> Route:
    """Return the route of the backchannel authentication endpoint."""

    async def handle(scope: Scope, receive: Receive, origin: Origin) -> Answer:
        form = await read_form(scope, receive)
        response = await endpoint(
            AuthenticationRequest(form, header(scope, b"authorization"), origin, shown_possession(scope, issuer))
        )
        request_context(scope).client_id = response.client_id
        return json_answer(response.members())

    handler = machine_endpoint(handle, endpoint, ClientChallenge(issuer), keys, security.protocol)
    return Route(PATH, ENDPOINT, {"POST": handler})
