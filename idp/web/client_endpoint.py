"""Endpoints where clients authenticate and post a form, as plain ASGI handlers: they parse, hand over, and answer."""

from collections.abc import Mapping
from typing import Any, Final, Protocol

from starlette.types import Receive, Scope

from idp.domain.events import Origin
from idp.domain.ids import ClientId
from idp.ports.keys import SubjectKeys
from idp.protocol.clients.client_calls import ClientRequest
from idp.web.edge.body import header, read_form
from idp.web.edge.context import request_context
from idp.web.edge.headers import SecurityHeaders
from idp.web.edge.router import Route
from idp.web.machine_endpoint import Refusing, machine_endpoint, shown_possession
from idp.web.responses import ClientChallenge, ProtocolAnswer, json_answer

# RFC 8707 section 2: the one parameter that may be repeated.
REPEATABLE: Final = frozenset({"resource"})


class ClientResponse(Protocol):
    """What an endpoint tells a client; `client_id` is for the log."""

    @property
    def client_id(self) -> ClientId:
        """Whose request it was."""
        ...

    def members(self) -> Mapping[str, Any]:
        """Return the members of the JSON object."""
        ...


class ClientEndpoint(Refusing, Protocol):
    """What the handler hands over to."""

    async def __call__(self, request: ClientRequest) -> ClientResponse:
        """Return the answer. Raises `OAuthError`."""
        ...


class ClientRoutes:
    """Makes the routes of such endpoints."""

    def __init__(self, issuer: str, keys: SubjectKeys, security: SecurityHeaders) -> None:
        self._issuer = issuer
        self._keys = keys
        self._security = security

    def route(
        self,
        path: str,
        name: str,
        endpoint: ClientEndpoint,
        *,
        repeatable: frozenset[str] = REPEATABLE,
        status: int = 200,
    ) -> Route:
        """Return the route of `endpoint`; only POST is answered, by `status` where nothing is refused."""

        async def handle(scope: Scope, receive: Receive, origin: Origin) -> ProtocolAnswer:
            form = await read_form(scope, receive, repeatable=repeatable)
            possession = shown_possession(scope, self._issuer)
            authorization = header(scope, b"authorization")
            request = ClientRequest(form, authorization, origin, possession, form.all("resource"))
            response = await endpoint(request)
            request_context(scope).client_id = response.client_id
            return json_answer(response.members(), status=status)

        challenge = ClientChallenge(self._issuer)
        handler = machine_endpoint(handle, endpoint, challenge, self._keys, self._security.protocol)
        return Route(path, name, {"POST": handler})
