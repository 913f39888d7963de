"""OpenID Connect Core section 5.3: the userinfo endpoint."""

import json
from collections.abc import Mapping
from typing import Any, Final

from idp.domain.accounts.account import Profile
from idp.domain.clients.client import Client
from idp.domain.events import Origin
from idp.domain.grants.grant import Grant
from idp.domain.ids import ClientId
from idp.domain.representation.authority import Authority
from idp.domain.values import dataclass
from idp.ports.accounts import Accounts
from idp.ports.audit import AuditTrail
from idp.ports.clock import Clock
from idp.ports.keys import SubjectKeys, TokenSigner
from idp.protocol.claims.acting import ActingFor
from idp.protocol.claims.claim_names import outgoing
from idp.protocol.claims.claims import Reader, claims_at_userinfo
from idp.protocol.claims.kept_claims import kept_claims
from idp.protocol.claims.scopes import OPENID
from idp.protocol.claims.subject import subject_identifier
from idp.protocol.claims.verified_claims import verified_at_userinfo
from idp.protocol.clients.client_limit import ClientLimit
from idp.protocol.errors import InsufficientScopeError, InvalidTokenError, NoSigningKeyError, OAuthError
from idp.protocol.refusal_counter import RefusalCounter
from idp.protocol.senders.bearer import BEARER, SentToken, sent_token
from idp.protocol.senders.possession import NOTHING_SHOWN, Possession
from idp.protocol.senders.sender_constraint import SenderConstraints
from idp.protocol.tokens.encrypted_answers import EncryptedAnswers
from idp.protocol.tokens.grant_events import claims_released
from idp.protocol.tokens.token_state import PresentedAccessToken, TokenState

ENDPOINT: Final = "userinfo"
TOKEN_TYPE: Final = "JWT"


@dataclass(frozen=True, slots=True)
class UserinfoRequest:
    """A GET or POST; `body` holds the form parameters of a POST."""

    authorization: str | None
    query: Mapping[str, str]
    body: Mapping[str, str]
    origin: Origin
    possession: Possession = NOTHING_SHOWN


@dataclass(frozen=True, slots=True)
class ValidatedAccess:
    """Whose claims may be told to whom, and under which grant and scopes."""

    client: Client
    grant: Grant
    profile: Profile
    scopes: tuple[str, ...]
    authority: Authority | None = None


@dataclass(frozen=True, slots=True)
class UserinfoResponse:
    """The claims, or a signed or encrypted JWT of them. `client_id` is for the log, it does not leave."""

    client_id: ClientId
    claims: dict[str, Any] | str


class UserinfoEndpoint:
    """Tells a client about the person who signed in."""

    def __init__(  # noqa: PLR0913 -- a composition point: each part by name
        self,
        *,
        issuer: str,
        state: TokenState,
        constraints: SenderConstraints,
        accounts: Accounts,
        acting: ActingFor,
        keys: SubjectKeys,
        signer: TokenSigner,
        trail: AuditTrail,
        limit: ClientLimit,
        refusals: RefusalCounter,
        answers: EncryptedAnswers,
        clock: Clock,
    ) -> None:
        self._issuer = issuer
        self._state = state
        self._constraints = constraints
        self._accounts = accounts
        self._acting = acting
        self._keys = keys
        self._signer = signer
        self._trail = trail
        self._limit = limit
        self._refusals = refusals
        self._answers = answers
        self._clock = clock

    async def __call__(self, request: UserinfoRequest) -> UserinfoResponse:
        """Return the claims, or a signed JWT of them where the client registered an algorithm.

        Raises `OAuthError`, recorded, and `BusyError` when the client has too much in progress.
        """
        try:
            sent = sent_token(request.authorization, request.query, request.body)
        except OAuthError as error:
            await self.refuse(error, request.origin)
            raise
        try:
            return await self._answer(sent, request)
        except OAuthError as error:
            # The challenge is for the scheme that was used, unless the refusal is about another.
            error.scheme = sent.scheme if error.scheme == BEARER else error.scheme
            await self.refuse(error, request.origin)
            raise

    async def _answer(self, sent: SentToken, request: UserinfoRequest) -> UserinfoResponse:
        presented = await self._state.identify(sent.token)
        with self._limit.proved(presented.client, request.origin):
            await self._constraints.check_resource_request(
                presented.token.confirmation, sent, request.possession, presented.client
            )
            validated = await self._validate(presented)
            return UserinfoResponse(validated.client.client_id, await self._release(validated, request.origin))

    async def refuse(self, error: OAuthError, origin: Origin) -> None:
        """Record a refusal, also that of a request that could not even be read."""
        await self._refusals.access_refused(ENDPOINT, error, origin)

    async def _validate(self, presented: PresentedAccessToken) -> ValidatedAccess:
        live = await self._state.live(presented)
        client, grant, scopes = live.client, live.grant, live.token.scopes
        # RFC 9068 section 4: the resource server "MUST validate that the "aud" claim contains a resource indicator
        # value corresponding to an identifier the resource server expects for itself."
        if self._issuer not in live.token.audience:
            raise InvalidTokenError(reason="meant for another resource", client_id=client.client_id)
        # Section 5.3: the access token is one obtained through OpenID Connect authentication.
        if OPENID not in scopes or grant is None:
            raise InsufficientScopeError(reason="without openid", client_id=client.client_id)
        algorithm = client.userinfo_signed_response_alg
        if algorithm is not None and not self._signer.can_sign(algorithm):
            raise NoSigningKeyError(reason=f"there is no key for {algorithm}", client_id=client.client_id)
        profile = await self._accounts.profile(grant.account_id)
        if profile is None:
            raise InvalidTokenError(reason="nothing is known about the account", client_id=client.client_id)
        return ValidatedAccess(client, grant, profile, scopes, live.authority)

    async def _release(self, validated: ValidatedAccess, origin: Origin) -> dict[str, Any] | str:
        client, grant = validated.client, validated.grant
        request = kept_claims(self._keys, grant)
        reader = Reader.of(client, self._clock.now(), grant)
        personal = claims_at_userinfo(validated.profile, validated.scopes, request, reader)
        personal |= verified_at_userinfo(validated.profile, request.verified_at_userinfo, reader)
        personal |= self._acting.claims(validated.authority, grant, client, named=True)
        await self._trail.record(claims_released(client, grant, ENDPOINT, personal, origin))
        # Section 5.3.2: "The sub (subject) Claim MUST always be returned in the UserInfo Response."
        told = outgoing(client.claim_names, personal)
        claims = {"sub": subject_identifier(self._keys, client, grant.account_id), **told}
        algorithm = client.userinfo_signed_response_alg
        if algorithm is None and client.encryption(ENDPOINT) is None:
            return claims
        # Section 5.3.2: "If signed, the UserInfo Response MUST contain the Claims iss (issuer) and aud (audience) as
        # members."
        claims |= {"iss": self._issuer, "aud": client.client_id, "iat": self._clock.now()}
        if algorithm is None:
            encoded = json.dumps(claims, ensure_ascii=False)
            return await self._answers.seal(client, ENDPOINT, encoded, content_type=None)
        signed = self._signer.sign(claims, algorithm=algorithm, token_type=TOKEN_TYPE)
        return await self._answers.seal(client, ENDPOINT, signed)
