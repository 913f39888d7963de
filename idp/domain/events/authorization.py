"""Events of authorization: requests, consents, grants, tokens, claims released, and sign-outs delivered."""

from typing import ClassVar

from idp.domain.events.base import Event
from idp.domain.ids import AccountId, ClientId, GrantId, SessionId
from idp.domain.sign_ins.sign_in_fact import Shape
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRefused(Event):
    """An authorization request ended in an error; `error` is the OAuth or own code."""

    name: ClassVar[str] = "authorization.refused"
    error: str
    client_id: ClientId | None = None
    account_id: AccountId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPushed(Event):
    """A client pushed an authorization request that passed every check (RFC 9126)."""

    name: ClassVar[str] = "authorization.pushed"
    client_id: ClientId


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationGranted(Event):
    """A client was given an authorization code.

    `amr` is how the person signed in, `shape` what a policy judges of it, `policy` the version that did.
    """

    name: ClassVar[str] = "authorization.granted"
    client_id: ClientId
    account_id: AccountId
    session_id: SessionId
    grant_id: GrantId
    scopes: tuple[str, ...]
    acr: str
    principal: str | None = None
    amr: tuple[str, ...] = ()
    shape: Shape | None = None
    policy: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentGiven(Event):
    """The person agreed to share; what was agreed to is named, never its value."""

    name: ClassVar[str] = "consent.given"
    account_id: AccountId
    client_id: ClientId
    scopes: tuple[str, ...]
    claims: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRefused(Event):
    """The person did not agree."""

    name: ClassVar[str] = "consent.refused"
    account_id: AccountId
    client_id: ClientId


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentWithdrawn(Event):
    """The person took an earlier consent back; the client's grants ended with it."""

    name: ClassVar[str] = "consent.withdrawn"
    account_id: AccountId
    client_id: ClientId


@dataclass(frozen=True, slots=True, kw_only=True)
class TokensIssued(Event):
    """Tokens left the token endpoint. `token_id` is the access token's `jti`."""

    name: ClassVar[str] = "tokens.issued"
    client_id: ClientId
    grant_type: str
    token_id: str
    scopes: tuple[str, ...]
    audience: tuple[str, ...]
    grant_id: GrantId | None = None
    account_id: AccountId | None = None
    generation: int | None = None
    principal: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRefused(Event):
    """The token endpoint refused; `error` is the RFC 6749 code, `reason` the private detail."""

    name: ClassVar[str] = "tokens.refused"
    error: str
    reason: str
    client_id: ClientId | None = None
    grant_type: str | None = None
    grant_id: GrantId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRevoked(Event):
    """A grant and all its tokens ended before their time."""

    name: ClassVar[str] = "grant.revoked"
    grant_id: GrantId
    reason: str
    client_id: ClientId | None = None
    account_id: AccountId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessTokenRevoked(Event):
    """One access token was revoked by its client (RFC 7009)."""

    name: ClassVar[str] = "access_token.revoked"
    client_id: ClientId
    token_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimsReleased(Event):
    """Claims left for a client (`at`: `userinfo` or `id_token`); their names, never their values.

    `terms` is the version of the client's allow-list, where it has one, `basis` why they left: `consent` or `law`.
    """

    name: ClassVar[str] = "claims.released"
    client_id: ClientId
    account_id: AccountId
    grant_id: GrantId
    at: str
    claims: tuple[str, ...]
    basis: str
    terms: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRefused(Event):
    """A protected endpoint refused a bearer token or a client (`endpoint`, `error`)."""

    name: ClassVar[str] = "access.refused"
    endpoint: str
    error: str
    client_id: ClientId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenIntrospected(Event):
    """A client asked whether a token is active (RFC 7662)."""

    name: ClassVar[str] = "token.introspected"
    client_id: ClientId
    active: bool
    token_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutDelivered(Event):
    """A back-channel logout token was accepted by the client."""

    name: ClassVar[str] = "logout.delivered"
    client_id: ClientId
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutAbandoned(Event):
    """A back-channel logout token could not be delivered within its time; operators look into it."""

    name: ClassVar[str] = "logout.abandoned"
    client_id: ClientId
    attempts: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalsCounted(Event):
    """A flood of refused anonymous requests, written once per source and second."""

    name: ClassVar[str] = "refusals.counted"
    endpoint: str
    error: str
    count: int
