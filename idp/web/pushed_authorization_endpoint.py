"""The pushed authorization request endpoint, as a plain ASGI handler (RFC 9126 section 2)."""

from typing import Final

from starlette.types import Receive, Scope

from idp.domain.events import Origin
from idp.ports.keys import SubjectKeys
from idp.protocol.discovery import PUSHED_AUTHORIZATION_PATH
from idp.protocol.pushed_authorization_request import PushedAuthorizationEndpoint, PushRequest
from idp.web.edge.body import header, read_form
from idp.web.edge.context import request_context
from idp.web.edge.headers import SecurityHeaders
from idp.web.edge.router import Route
from idp.web.machine_endpoint import machine_endpoint, shown_possession
from idp.web.responses import Answer, ClientChallenge, json_answer

_CREATED: Final = 201
_REPEATABLE: Final = frozenset({"resource"})


def pushed_authorization_route(
    endpoint: PushedAuthorizationEndpoint, issuer: str, keys: SubjectKeys, security: SecurityHeaders
) -> Route:
    """Return the route; only POST is answered (section 2: "The request method MUST be POST")."""

    async def push(scope: Scope, receive: Receive, origin: Origin) -> Answer:
        form = await read_form(scope, receive, repeatable=_REPEATABLE)
        possession = shown_possession(scope, issuer)
        request = PushRequest(form, form.all("resource"), header(scope, b"authorization"), origin, possession)
        response = await endpoint(request)
        request_context(scope).client_id = response.client_id
        return json_answer(response.members(), status=_CREATED)

    handler = machine_endpoint(push, endpoint, ClientChallenge(issuer), keys, security.protocol)
    return Route(PUSHED_AUTHORIZATION_PATH, "par", {"POST": handler})
