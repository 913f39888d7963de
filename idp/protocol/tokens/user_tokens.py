"""OpenID Connect Core section 3.1.3.3: what a successful token response holds for a person's grant."""

from collections.abc import Collection

from idp.domain.clients.client import Client
from idp.domain.events import Event, Origin
from idp.domain.grants.confirmation import Confirmation, token_type
from idp.domain.grants.grant import Grant
from idp.domain.representation.authority import Authority
from idp.domain.values import dataclass
from idp.ports.accounts import Accounts
from idp.ports.clock import Clock
from idp.ports.keys import SubjectKeys
from idp.protocol.claims.acting import ActingFor
from idp.protocol.claims.claims import Reader, claims_in_id_token
from idp.protocol.claims.kept_claims import kept_claims
from idp.protocol.claims.scopes import OPENID
from idp.protocol.claims.subject import subject_identifier
from idp.protocol.claims.verified_claims import verified_in_id_token
from idp.protocol.resources.resources import Target
from idp.protocol.tokens.access_token import AccessTokens
from idp.protocol.tokens.encrypted_answers import EncryptedAnswers
from idp.protocol.tokens.grant_events import claims_released, tokens_issued
from idp.protocol.tokens.id_token import IdTokens
from idp.protocol.tokens.token import TokenResponse


@dataclass(frozen=True, slots=True)
class TokenOrder:
    """Checked: what is to be made. `scopes` are those in force, of which the target takes its share.

    `confirmation` is the key that the access token is bound to.
    """

    client: Client
    grant: Grant
    scopes: tuple[str, ...]
    target: Target
    grant_type: str
    nonce: str | None = None
    confirmation: Confirmation | None = None


@dataclass(frozen=True, slots=True)
class MadeTokens:
    """Signed, not recorded yet: they may leave only once `events` are durable."""

    response: TokenResponse
    events: tuple[Event, ...]


class UserTokens:
    """Makes the tokens of a person's grant."""

    def __init__(
        self,
        access_tokens: AccessTokens,
        id_tokens: IdTokens,
        answers: EncryptedAnswers,
        keys: SubjectKeys,
        accounts: Accounts,
        acting: ActingFor,
        clock: Clock,
    ) -> None:
        self._access_tokens = access_tokens
        self._id_tokens = id_tokens
        self._answers = answers
        self._keys = keys
        self._accounts = accounts
        self._acting = acting
        self._clock = clock

    async def require_keys(self, client: Client, scopes: Collection[str]) -> None:
        """Raise the `OAuthError` of a key that is missing for what `make` makes by these scopes."""
        if OPENID in scopes:
            self._id_tokens.require_key(client)
            await self._answers.require_key(client, "id_token")

    async def make(
        self, order: TokenOrder, refresh_token: str | None, generation: int | None, origin: Origin
    ) -> MadeTokens:
        """Return the tokens and the audit events that must be written with them.

        Raises `InvalidGrantError` when the grant's principal may no longer be acted for.
        """
        client, grant = order.client, order.grant
        authority = await self._acting.required(grant, client, origin)
        subject = subject_identifier(self._keys, client, grant.account_id)
        access = self._access_tokens.for_grant(
            grant, subject, order.target, order.confirmation, self._acting.claims(authority, grant, client)
        )
        events: list[Event] = [
            tokens_issued(grant, order.grant_type, access, order.target, origin, generation=generation)
        ]
        id_token = None
        # OpenID Connect Core section 3.1.2.1: without the openid scope it is no OpenID Connect request.
        if OPENID in order.scopes:
            id_token, released = await self._id_token(order, authority, access.token, origin)
            events += released
        response = TokenResponse(
            client_id=client.client_id,
            access_token=access.token,
            expires_in=access.expires_in,
            scopes=order.target.scopes,
            refresh_token=refresh_token,
            id_token=id_token,
            token_type=token_type(order.confirmation),
            authorization_details=order.target.authorization_details,
        )
        return MadeTokens(response, tuple(events))

    async def _id_token(
        self, order: TokenOrder, authority: Authority | None, access_token: str, origin: Origin
    ) -> tuple[str, list[Event]]:
        client, grant = order.client, order.grant
        request = kept_claims(self._keys, grant)
        personal: dict[str, object] = {}
        if request.id_token or request.verified_in_id_token.elements:
            profile = await self._accounts.profile(grant.account_id)
            reader = Reader.of(client, self._clock.now(), grant)
            if profile:
                personal = claims_in_id_token(profile, request, reader)
                personal |= verified_in_id_token(profile, request.verified_in_id_token, reader)
        personal |= self._acting.claims(authority, grant, client, named=True)
        token = self._id_tokens.issue(client, grant, access_token, nonce=order.nonce, personal_claims=personal)
        token = await self._answers.seal(client, "id_token", token)
        return token, [claims_released(client, grant, "id_token", personal, origin)] if personal else []
