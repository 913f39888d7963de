"""RFC 8693 section 2: token exchange, for a service that goes on to the next one on behalf of the same person.

What may be exchanged stands in the client's registration (`token_exchange`): the tokens of which clients, for which
resources. The table takes the place of `may_act` claims. What comes out reaches no further than what went in: not in
scopes, not in time, and it ends when the grant behind it does. Who acts for whom is told, one within the other.
"""

from dataclasses import replace
from typing import Any, Final

from idp.domain.accounts.account import Account
from idp.domain.clients.client import Client
from idp.domain.clients.registered_metadata import TokenExchangePolicy
from idp.domain.events import Origin
from idp.domain.grants.confirmation import Confirmation, token_type
from idp.domain.grants.grant import Grant
from idp.domain.representation.authority import Authority
from idp.domain.values import dataclass
from idp.ports.accounts import Accounts
from idp.ports.audit import AuditTrail
from idp.ports.clock import Clock
from idp.ports.keys import SubjectKeys
from idp.protocol.authorize.authorization_details import refuse_authorization_details
from idp.protocol.claims.acting import ActingFor, AuthorityEndedError
from idp.protocol.claims.scopes import parse_scope
from idp.protocol.claims.subject import subject_identifier
from idp.protocol.errors import (
    InvalidRequestError,
    InvalidScopeError,
    InvalidTargetError,
    InvalidTokenError,
    UnauthorizedClientError,
)
from idp.protocol.resources.resources import ResourceIndicators, Target
from idp.protocol.tokens.access_token import AccessTokens
from idp.protocol.tokens.grant_events import tokens_issued
from idp.protocol.tokens.sign_in_strength import SignInStrength, WeakSignInError
from idp.protocol.tokens.token import TokenRequest, TokenResponse, required
from idp.protocol.tokens.token_state import LiveAccessToken, TokenState

GRANT_TYPE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN: Final = "urn:ietf:params:oauth:token-type:access_token"
"""Section 3: the one type that is taken and given. An ID token ends with nothing and reaches nobody: it is no proof."""

MOST_ACTORS: Final = 4
"""How many may act one for the other."""


@dataclass(frozen=True, slots=True)
class ValidatedExchange:
    """What may be issued: `grant` is that of the subject token, as far as the new token may use it."""

    client: Client
    grant: Grant
    target: Target
    confirmation: Confirmation | None
    authority: Authority | None = None


class TokenExchangeGrant:
    """Exchanges access tokens of people."""

    def __init__(  # noqa: PLR0913 -- a composition point: each part by name
        self,
        *,
        state: TokenState,
        accounts: Accounts,
        acting: ActingFor,
        resources: ResourceIndicators,
        access_tokens: AccessTokens,
        keys: SubjectKeys,
        trail: AuditTrail,
        strength: SignInStrength,
        clock: Clock,
    ) -> None:
        self._state = state
        self._accounts = accounts
        self._acting = acting
        self._resources = resources
        self._access_tokens = access_tokens
        self._keys = keys
        self._trail = trail
        self._strength = strength
        self._clock = clock

    async def validate(self, client: Client, request: TokenRequest) -> ValidatedExchange:
        """Check both tokens and the table. Raises `OAuthError`."""
        policy = client.token_exchange
        if client.is_public or policy is None:
            raise UnauthorizedClientError
        # One administrator writes the table, and two let it count, also for testers: the tokens are of other services.
        if not client.is_in_production:
            raise UnauthorizedClientError(reason="not in production")
        _check_types(request)
        refuse_authorization_details(request.parameters)
        subject, account = await self._subject(client, policy, request)
        target = await self._target(client, policy, subject, request)
        grant = _behind(subject)
        await self._require_strength(client, grant, account, target)
        actor = await self._actor(client, subject, request)
        # Nothing outlives the token that it was made from; the grant's identifier stays, so that its end is the end of
        # this one too.
        ends = min(grant.expires_at, subject.token.expires_at)
        derived = replace(grant, client_id=client.client_id, actor=actor, expires_at=ends)
        authority = await self._authority(derived, client)
        return ValidatedExchange(client, derived, target, request.confirmation, authority)

    async def issue(self, validated: ValidatedExchange, origin: Origin) -> TokenResponse:
        """Return the token, recorded. Section 2.2.1: a refresh token "will typically not be issued"."""
        client, grant, bound_to = validated.client, validated.grant, validated.confirmation
        subject = subject_identifier(self._keys, client, grant.account_id)
        told = self._acting.claims(validated.authority, grant, client)
        access = self._access_tokens.for_grant(grant, subject, validated.target, bound_to, told)
        await self._trail.record(tokens_issued(grant, GRANT_TYPE, access, validated.target, origin))
        return TokenResponse(
            client.client_id,
            access.token,
            access.expires_in,
            validated.target.scopes,
            token_type=token_type(bound_to),
            issued_token_type=ACCESS_TOKEN,
        )

    async def _subject(
        self, client: Client, policy: TokenExchangePolicy, request: TokenRequest
    ) -> tuple[LiveAccessToken, Account]:
        live = await self._live(required(request.parameters, "subject_token"), "subject_token")
        if live.token.client_id not in policy.subjects:
            raise InvalidRequestError("The subject_token is not one that this client may exchange.")
        grant = _behind(live)
        account = await self._accounts.get(grant.account_id)
        if account is None or not client.audience.admits(account.kind):
            raise InvalidRequestError("The subject_token is of a person whom this client does not serve.")
        return live, account

    async def _require_strength(self, client: Client, grant: Grant, account: Account, target: Target) -> None:
        """The service that asks now, and what it asks for, may need more than the one before it."""
        try:
            await self._strength.require(client, grant, account.kind, target, fresh_at=self._clock.now())
        except WeakSignInError as weak:
            message = "The sign-in behind the subject_token is not strong or fresh enough for this."
            raise InvalidRequestError(message) from weak

    async def _actor(self, client: Client, subject: LiveAccessToken, request: TokenRequest) -> dict[str, Any]:
        """Who acts now, and who did before (section 4.1: the outermost is the current one)."""
        actor: dict[str, Any] = {"sub": client.client_id}
        if "actor_token" in request.parameters:
            acting = (await self._live(request.parameters["actor_token"], "actor_token")).token
            # Nobody acts by the token of somebody else's client.
            if acting.client_id != client.client_id or acting.actor is not None:
                raise InvalidRequestError("The actor_token is not one of this client's own.")
            actor = {"sub": acting.subject, "client_id": acting.client_id}
        earlier = subject.token.actor
        if earlier is not None:
            actor["act"] = earlier
        if _depth(actor) > MOST_ACTORS:
            raise InvalidRequestError("Too many act one for the other already.")
        return actor

    async def _authority(self, grant: Grant, client: Client) -> Authority | None:
        """On whose behalf the next service may act: a mandate that does not name it ends here."""
        try:
            return await self._acting.authority(grant, client)
        except AuthorityEndedError as error:
            raise InvalidRequestError("The subject_token is for a principal not to be acted for here.") from error

    async def _target(
        self, client: Client, policy: TokenExchangePolicy, subject: LiveAccessToken, request: TokenRequest
    ) -> Target:
        named = request.parameters.get("audience")
        asked = (*request.resources, *(() if named is None else (named,))) or policy.audiences[:1]
        # Section 2.2.2, invalid_target: "unwilling or unable to issue a token for any target service indicated".
        if len(policy.audiences) != 1 and not request.resources and named is None:
            raise InvalidTargetError("Name the service that the token is for, by resource or audience.")
        if not set(asked) <= set(policy.audiences):
            raise InvalidTargetError(reason="not a resource that this client may go on to")
        scopes = _narrowed(client, subject, request.parameters.get("scope"))
        return await self._resources.for_client(scopes, tuple(asked))

    async def _live(self, token: str, name: str) -> LiveAccessToken:
        try:
            return await self._state.access_token(token)
        except InvalidTokenError as error:
            # Section 2.2.2: "If either the subject_token or actor_token are invalid for any reason, [...] the
            # authorization server MUST deny the request".
            raise InvalidRequestError(f"The {name} is expired, revoked or malformed.", reason=error.reason) from error


def _check_types(request: TokenRequest) -> None:
    parameters = request.parameters
    if required(parameters, "subject_token_type") != ACCESS_TOKEN:
        raise InvalidRequestError("The subject_token_type is not supported.")
    # Section 2.1, actor_token_type: "REQUIRED when the actor_token parameter is present in the request but MUST NOT be
    # included otherwise."
    if ("actor_token" in parameters) != ("actor_token_type" in parameters):
        raise InvalidRequestError("actor_token and actor_token_type go together.")
    if parameters.get("actor_token_type", ACCESS_TOKEN) != ACCESS_TOKEN:
        raise InvalidRequestError("The actor_token_type is not supported.")
    if parameters.get("requested_token_type", ACCESS_TOKEN) != ACCESS_TOKEN:
        raise InvalidRequestError("The requested_token_type is not supported.")


def _behind(live: LiveAccessToken) -> Grant:
    """Return the person's grant behind a token."""
    if live.grant is None:
        raise InvalidRequestError("The subject_token is a client's own; nobody is behind it.")
    return live.grant


def _narrowed(client: Client, subject: LiveAccessToken, requested: str | None) -> tuple[str, ...]:
    reach = tuple(scope for scope in subject.token.scopes if scope in client.scopes)
    if requested is not None:
        scopes = parse_scope(requested)
        if not set(scopes) <= set(reach):
            raise InvalidScopeError(reason="more than the subject token reaches, or the client may have")
        return scopes
    if not reach:
        raise InvalidScopeError(reason="nothing of the subject token's is for this client")
    return reach


def _depth(actor: dict[str, Any]) -> int:
    return 1 + (_depth(actor["act"]) if "act" in actor else 0)
