"""RFC 7591 section 3, OpenID Connect Registration section 3: the client registration endpoint, never anonymous."""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final

from idp.domain.clients.client import Client
from idp.domain.clients.initial_access_token import InitialAccessToken
from idp.domain.clients.registration import Registration
from idp.domain.events import ClientRegistered, Origin
from idp.domain.ids import ClientId, TokenHash
from idp.domain.values import dataclass
from idp.journeys.throttling import SlowDownError, Throttling
from idp.ports.clients import ClientRegistry
from idp.ports.clock import Clock, Entropy
from idp.ports.initial_access_tokens import InitialAccessTokens
from idp.protocol.errors import InvalidTokenError, OAuthError, TemporarilyUnavailableError
from idp.protocol.refusal_counter import RefusalCounter
from idp.protocol.registration.check_metadata import SECRET_METHODS, STATEMENT, CheckedMetadata, MetadataCheck
from idp.protocol.registration.information import ClientInformation
from idp.protocol.senders.bearer import NoTokenError, bearer_token

ENDPOINT: Final = "registration"


class TooManyRegistrationsError(TemporarilyUnavailableError):
    """RFC 6585 section 4: too many registrations of one address, or changes of one; `retry_after` in seconds."""

    status = 429
    default = "Too many registrations; try again later."

    def __init__(self, retry_after: int, *, client_id: ClientId | None = None) -> None:
        super().__init__(client_id=client_id)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class RegistrationRequest:
    """A POST: the JSON object that was sent, and the header with the initial access token."""

    authorization: str | None
    metadata: Mapping[str, Any]
    origin: Origin


@dataclass(frozen=True, slots=True)
class RegistrationResponse:
    """What the client is told. `client_id` is for the log too."""

    client_id: ClientId
    members: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Issued:
    """A new client with the values of which only hashes are kept."""

    client: Client
    registration: Registration
    access_token: str
    secret: str | None


class ClientRegistrationEndpoint:
    """Registers clients: by an initial access token, or by the statement of a trusted issuer."""

    def __init__(
        self,
        tokens: InitialAccessTokens,
        registry: ClientRegistry,
        check: MetadataCheck,
        information: ClientInformation,
        refusals: RefusalCounter,
        throttling: Throttling,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._tokens = tokens
        self._registry = registry
        self._check = check
        self._information = information
        self._refusals = refusals
        self._throttling = throttling
        self._clock = clock
        self._entropy = entropy

    async def __call__(self, request: RegistrationRequest) -> RegistrationResponse:
        """Register a client and return what it needs to know. Raises `OAuthError`, recorded."""
        try:
            await self._take(request.origin)
            allowed = await self._authorise(request)
            client_id = ClientId(self._entropy.identifier())
            issued = self._issue(await self._check.check(client_id, request.metadata), allowed)
            await self._save(issued, allowed, request.origin)
        except OAuthError as error:
            await self.refuse(error, request.origin)
            raise
        members = self._information.members(issued.client, issued.registration, issued.access_token, issued.secret)
        return RegistrationResponse(client_id, members)

    async def refuse(self, error: OAuthError, origin: Origin) -> None:
        """Record a refusal, also that of a request that could not even be read."""
        await self._refusals.access_refused(ENDPOINT, error, origin)

    async def _take(self, origin: Origin) -> None:
        try:
            await self._throttling.take(self._throttling.for_registration(origin.source), self._clock.now())
        except SlowDownError as slow:
            raise TooManyRegistrationsError(slow.wait) from slow

    async def _authorise(self, request: RegistrationRequest) -> InitialAccessToken | None:
        """Return the token that allows the registration; None when a software statement has to."""
        if request.authorization is None and request.metadata.get(STATEMENT) is not None:
            return None
        sent = bearer_token(request.authorization, {}, {})
        token = await self._tokens.find(hash_of(sent))
        # RFC 7591 section 3: an initial access token authorises; one that is over, or none, does not.
        if token is None or not token.is_live(self._clock.now()):
            raise InvalidTokenError("The initial access token is unknown, used up, expired or revoked.")
        return token

    def _issue(self, checked: CheckedMetadata, allowed: InitialAccessToken | None) -> _Issued:
        if allowed is None and checked.statement is None:
            raise NoTokenError
        secret = self._entropy.token() if checked.client.token_endpoint_auth_method in SECRET_METHODS else None
        access_token = self._entropy.token()
        registration = Registration(
            access_token_hash=hash_of(access_token),
            registered_at=self._clock.now(),
            token_id=allowed.token_id if allowed else None,
            statement_issuer=checked.statement.issuer if checked.statement else None,
            software_statement=checked.statement.encoded if checked.statement else None,
        )
        hashes = () if secret is None else (bytes(hash_of(secret)),)
        client = replace(checked.client, secret_hashes=hashes, registration=registration)
        return _Issued(client, registration, access_token, secret)

    async def _save(self, issued: _Issued, allowed: InitialAccessToken | None, origin: Origin) -> None:
        event = ClientRegistered(
            origin=origin,
            client_id=issued.client.client_id,
            token_id=issued.registration.token_id,
            statement_issuer=issued.registration.statement_issuer,
        )
        if allowed is None:
            await self._registry.save(issued.client, event)
        elif not await self._tokens.register(allowed.token_hash, issued.client, self._clock.now(), event):
            raise InvalidTokenError("The initial access token is unknown, used up, expired or revoked.")


def hash_of(value: str) -> TokenHash:
    """Return the hash under which a bearer value is kept; of any text that JSON may hold, lone surrogates included."""
    return TokenHash(sha256(value.encode(errors="surrogatepass")).digest())
