"""RFC 7662 section 2: token introspection, for confidential clients and about tokens that concern them."""

from typing import Any, Final
from urllib.parse import urlsplit

from idp.domain.clients.client import Client
from idp.domain.events import Origin, TokenIntrospected
from idp.domain.grants.confirmation import token_type
from idp.domain.ids import ClientId
from idp.domain.values import dataclass
from idp.ports.audit import AuditTrail
from idp.ports.keys import SubjectKeys
from idp.protocol.claims.acting import ActingFor
from idp.protocol.claims.subject import subject_identifier
from idp.protocol.clients.client_authentication import AuthenticatedClient
from idp.protocol.clients.client_calls import ClientCalls, ClientRequest
from idp.protocol.errors import InvalidClientError, InvalidTokenError, OAuthError
from idp.protocol.tokens.access_token import VerifiedAccessToken
from idp.protocol.tokens.introspection_jwt import IntrospectionJwts, wants_jwt
from idp.protocol.tokens.refresh_token import PresentedRefreshToken, read_refresh_token
from idp.protocol.tokens.token import required
from idp.protocol.tokens.token_state import TokenState

ENDPOINT: Final = "introspection"


@dataclass(frozen=True, slots=True)
class IntrospectionRequest(ClientRequest):
    """What was posted, and the header `Accept`; `token_type_hint` is not needed: a token's form tells what it is."""

    accept: str = ""


@dataclass(frozen=True, slots=True)
class IntrospectionResponse:
    """Section 2.2; `jwt` has the same, where the caller wants it (RFC 9701).

    `client_id`, the caller's, is for the log, it does not leave.
    """

    client_id: ClientId
    members: dict[str, Any]
    jwt: str | None = None


class IntrospectionEndpoint:
    """Tells a client whether a token is active."""

    def __init__(
        self,
        issuer: str,
        calls: ClientCalls,
        state: TokenState,
        keys: SubjectKeys,
        acting: ActingFor,
        trail: AuditTrail,
        jwts: IntrospectionJwts,
    ) -> None:
        self._issuer = issuer
        self._calls = calls
        self._state = state
        self._keys = keys
        self._acting = acting
        self._trail = trail
        self._jwts = jwts

    async def __call__(self, request: IntrospectionRequest) -> IntrospectionResponse:
        """Return the answer; `{"active": false}` for whatever is not an active token of the caller's.

        Raises `OAuthError` only when the caller is not a confidential client, sends no token or wants a JWT for which
        there is no key, and `BusyError` when it has too much in progress.
        """

        async def introspect(caller: AuthenticatedClient) -> IntrospectionResponse:
            response = await self._answer(request, caller)
            await self._trail.record(_introspected(response, request.origin))
            return response

        return await self._calls.answer(ENDPOINT, request, introspect)

    async def _answer(self, request: IntrospectionRequest, caller: AuthenticatedClient) -> IntrospectionResponse:
        # Section 2.1: "To prevent token scanning attacks, the endpoint MUST also require some form of authorization to
        # access this endpoint".
        if caller.client.is_public:
            raise InvalidClientError(reason="public client", client_id=caller.client_id)
        members = await self._tell(required(request.parameters, "token"), caller)
        wanted = wants_jwt(caller.client, request.accept)
        jwt = await self._jwts.make(caller.client, members) if wanted else None
        return IntrospectionResponse(caller.client_id, members, jwt)

    async def _tell(self, token: str, caller: AuthenticatedClient) -> dict[str, Any]:
        presented = read_refresh_token(token)
        members = await (self._refresh(presented, caller) if presented else self._access(token, caller))
        # Section 2.2: "If the introspection call is properly authorized but the token is not active, does not exist on
        # this server, or the protected resource is not allowed to introspect this particular token, then the
        # authorization server MUST return an introspection response with the "active" field set to "false"."
        return {"active": False} if members is None else {"active": True, "iss": self._issuer, **members}

    async def refuse(self, error: OAuthError, origin: Origin) -> None:
        """Record a request that could not even be read."""
        await self._calls.refuse(ENDPOINT, error, origin)

    async def _access(self, token: str, caller: AuthenticatedClient) -> dict[str, Any] | None:
        try:
            live = await self._state.access_token(token)
        except InvalidTokenError:
            return None
        if not _concerns(caller.client, live.token):
            return None
        bound_to = live.token.confirmation
        members: dict[str, Any] = {
            "sub": live.token.subject,
            "aud": live.token.audience,
            "client_id": live.token.client_id,
            "token_type": token_type(bound_to),
            "iat": live.token.issued_at,
            "exp": live.token.expires_at,
            "jti": live.token.token_id,
            "scope": " ".join(live.token.scopes),
        }
        # RFC 9449 section 6.2 and RFC 8705 section 3.2: what the resource has to check the sender by.
        if bound_to is not None:
            members["cnf"] = bound_to.claim()
        # RFC 9396 section 9.2; RFC 8693 section 4.1.
        if live.token.authorization_details:
            members["authorization_details"] = live.token.authorization_details
        if live.token.actor is not None:
            members["act"] = live.token.actor
        if live.grant is not None:
            members |= self._acting.claims(live.authority, live.grant, live.client)
            members |= {"acr": live.token.acr, "auth_time": live.token.authenticated_at}
        return members

    async def _refresh(self, presented: PresentedRefreshToken, caller: AuthenticatedClient) -> dict[str, Any] | None:
        found = await self._state.refresh_token(presented, caller.client)
        if found is None:
            return None
        grant, authority = found
        return {
            **self._acting.claims(authority, grant, caller.client),
            "sub": subject_identifier(self._keys, caller.client, grant.account_id),
            "client_id": grant.client_id,
            "exp": grant.expires_at,
            "scope": " ".join(grant.scopes),
        }


def _introspected(response: IntrospectionResponse, origin: Origin) -> TokenIntrospected:
    return TokenIntrospected(
        origin=origin,
        client_id=response.client_id,
        active=response.members["active"],
        token_id=response.members.get("jti"),
    )


def _concerns(caller: Client, token: VerifiedAccessToken) -> bool:
    """Return whether the token was issued to the caller, or is for a resource that the caller runs."""
    if token.client_id == caller.client_id or caller.client_id in token.audience:
        return True
    # Whose addresses administrators registered, and let into production, runs what is there; others only say so.
    if caller.registration is not None or not caller.is_in_production:
        return False
    origins = {_origin(uri) for uri in caller.redirect_uris}
    return any(_origin(audience) in origins for audience in token.audience)


def _origin(uri: str) -> tuple[str, str]:
    parts = urlsplit(uri)
    return parts.scheme, parts.netloc
