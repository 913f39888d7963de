"""The protocol endpoints for machines, as plain ASGI handlers: they parse, hand over, and answer."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from idp.domain.events import Origin
from idp.domain.values import dataclass
from idp.ports.keys import SubjectKeys, TokenSigner
from idp.ports.traces import Watch
from idp.protocol import discovery
from idp.protocol.clients.client_calls import ClientRequest
from idp.protocol.discovery import ProviderMetadata
from idp.protocol.resources.protected_resource import PROTECTED_RESOURCE_PATH, ProtectedResourceMetadata
from idp.protocol.resources.userinfo import UserinfoEndpoint, UserinfoRequest
from idp.protocol.senders.possession import Possession
from idp.protocol.tokens.introspection import IntrospectionEndpoint, IntrospectionRequest
from idp.protocol.tokens.revocation import RevocationEndpoint
from idp.protocol.tokens.token import TokenEndpoint, TokenRequest
from idp.web.edge.answers import send_answer
from idp.web.edge.body import FORM_TYPE, Parameters, header, list_header, read_form, read_query
from idp.web.edge.context import request_context
from idp.web.edge.headers import SecurityHeaders
from idp.web.edge.router import Route
from idp.web.machine_endpoint import Challenging, Handle, Refusing, machine_endpoint, shown_possession
from idp.web.responses import (
    EMPTY,
    JSON,
    BearerChallenge,
    ClientChallenge,
    ProtocolAnswer,
    introspection_jwt_answer,
    json_answer,
    jwt_answer,
)

# RFC 8707 section 2: the one parameter that may be repeated.
_REPEATABLE: Final = frozenset({"resource"})


@dataclass(frozen=True, slots=True)
class OAuthEndpoints:
    """What the handlers hand over to."""

    issuer: str
    token: TokenEndpoint
    userinfo: UserinfoEndpoint
    introspection: IntrospectionEndpoint
    revocation: RevocationEndpoint
    metadata: ProviderMetadata
    resource: ProtectedResourceMetadata
    signer: TokenSigner
    keys: SubjectKeys

    def watched(self, watch: Watch) -> "OAuthEndpoints":
        """The same, as steps of a trace."""
        return replace(
            self,
            token=watch(self.token),
            userinfo=watch(self.userinfo),
            introspection=watch(self.introspection),
            revocation=watch(self.revocation),
        )


def oauth_routes(endpoints: OAuthEndpoints, security: SecurityHeaders) -> tuple[Route, ...]:
    """Return the routes of every protocol endpoint that no person sees."""
    handlers = _Handlers(endpoints)
    client, bearer = ClientChallenge(endpoints.issuer), BearerChallenge(endpoints.issuer)

    def endpoint(handle: Handle, refusing: Refusing, challenging: Challenging) -> ASGIApp:
        return machine_endpoint(handle, refusing, challenging, endpoints.keys, security.protocol)

    def document(content: Callable[[], bytes]) -> ASGIApp:
        async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
            await send_answer(send, 200, security.document, content(), JSON)

        return answer

    userinfo = endpoint(handlers.userinfo, endpoints.userinfo, bearer)
    metadata = document(endpoints.metadata.document)
    return (
        Route(discovery.TOKEN_PATH, "token", {"POST": endpoint(handlers.token, endpoints.token, client)}),
        Route(discovery.USERINFO_PATH, "userinfo", {"GET": userinfo, "POST": userinfo}),
        Route(
            discovery.INTROSPECTION_PATH,
            "introspection",
            {"POST": endpoint(handlers.introspection, endpoints.introspection, client)},
        ),
        Route(
            discovery.REVOCATION_PATH,
            "revocation",
            {"POST": endpoint(handlers.revocation, endpoints.revocation, client)},
        ),
        Route(discovery.OPENID_CONFIGURATION_PATH, "discovery", {"GET": metadata}, always=True),
        Route(discovery.OAUTH_METADATA_PATH, "discovery", {"GET": metadata}, always=True),
        Route(PROTECTED_RESOURCE_PATH, "discovery", {"GET": document(endpoints.resource.document)}, always=True),
        Route(discovery.JWKS_PATH, "jwks", {"GET": document(endpoints.signer.jwks)}, always=True),
    )


class _Handlers:
    """One method for each endpoint: parse, hand over, answer."""

    def __init__(self, endpoints: OAuthEndpoints) -> None:
        self._endpoints = endpoints

    def _shown(self, scope: Scope) -> Possession:
        return shown_possession(scope, self._endpoints.issuer)

    async def token(self, scope: Scope, receive: Receive, origin: Origin) -> ProtocolAnswer:
        form = await read_form(scope, receive, repeatable=_REPEATABLE)
        request = TokenRequest(
            form,
            form.all("resource"),
            header(scope, b"authorization"),
            origin,
            self._shown(scope),
        )
        response = await self._endpoints.token(request)
        request_context(scope).client_id = response.client_id
        return json_answer(response.members())

    async def userinfo(self, scope: Scope, receive: Receive, origin: Origin) -> ProtocolAnswer:
        query = read_query(scope)
        body = await read_form(scope, receive) if _is_form_post(scope) else Parameters()
        request = UserinfoRequest(header(scope, b"authorization"), query, body, origin, self._shown(scope))
        response = await self._endpoints.userinfo(request)
        request_context(scope).client_id = response.client_id
        return jwt_answer(response.claims) if isinstance(response.claims, str) else json_answer(response.claims)

    async def introspection(self, scope: Scope, receive: Receive, origin: Origin) -> ProtocolAnswer:
        form = await read_form(scope, receive)
        accept = list_header(scope, b"accept")
        request = IntrospectionRequest(form, header(scope, b"authorization"), origin, self._shown(scope), accept=accept)
        response = await self._endpoints.introspection(request)
        request_context(scope).client_id = response.client_id
        return json_answer(response.members) if response.jwt is None else introspection_jwt_answer(response.jwt)

    async def revocation(self, scope: Scope, receive: Receive, origin: Origin) -> ProtocolAnswer:
        form = await read_form(scope, receive)
        request = ClientRequest(form, header(scope, b"authorization"), origin, self._shown(scope))
        request_context(scope).client_id = await self._endpoints.revocation(request)
        return EMPTY


def _is_form_post(scope: Scope) -> bool:
    # A POST may carry its token in the header and no body at all (OpenID Connect Core section 5.3.1).
    given = (header(scope, b"content-type") or "").partition(";")[0].strip().lower()
    return scope["method"] == "POST" and given.encode("latin-1") == FORM_TYPE
