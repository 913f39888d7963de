"""RFC 7592 section 2: the client configuration endpoint, where a client reads, changes and deletes its registration.

The registration access token lives as long as the registration: exchanging it on every change (section 5 allows that)
would lock a client out whose answer was lost on the way. It is worth as much as the client's own secret.
"""

from collections.abc import Mapping
from dataclasses import replace
from hmac import compare_digest
from typing import Any, Final

from idp.domain.clients.claims_policy import GOVERNED
from idp.domain.clients.client import Client
from idp.domain.clients.registration import Registration
from idp.domain.events import ClientChanged, Origin
from idp.domain.ids import ClientId
from idp.domain.values import dataclass
from idp.journeys.throttling import SlowDownError, Throttling
from idp.ports.clients import ClientRegistry
from idp.ports.clock import Clock, Entropy
from idp.protocol.errors import (
    InvalidClientMetadataError,
    InvalidTokenError,
    OAuthError,
    TemporarilyUnavailableError,
)
from idp.protocol.refusal_counter import RefusalCounter
from idp.protocol.registration.check_metadata import SECRET_METHODS, CheckedMetadata, MetadataCheck
from idp.protocol.registration.information import ClientInformation
from idp.protocol.registration.register import RegistrationResponse, TooManyRegistrationsError, hash_of
from idp.protocol.registration.sector_document import require_same_subjects
from idp.protocol.senders.bearer import bearer_token

ENDPOINT: Final = "client_configuration"

_NOT_FOR_UPDATES: Final = (
    "registration_access_token",
    "registration_client_uri",
    "client_secret_expires_at",
    "client_id_issued_at",
)


@dataclass(frozen=True, slots=True)
class ConfigurationRequest:
    """A GET, PUT or DELETE; `metadata` is what a PUT sent."""

    authorization: str | None
    client_id: str
    origin: Origin
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Managed:
    """A client whose registration access token was shown."""

    client: Client
    registration: Registration
    access_token: str


class ClientConfigurationEndpoint:
    """Lets a client manage the registration that it made itself."""

    def __init__(
        self,
        registry: ClientRegistry,
        check: MetadataCheck,
        information: ClientInformation,
        refusals: RefusalCounter,
        throttling: Throttling,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._registry = registry
        self._check = check
        self._information = information
        self._refusals = refusals
        self._throttling = throttling
        self._clock = clock
        self._entropy = entropy

    async def read(self, request: ConfigurationRequest) -> RegistrationResponse:
        """Return what is registered (section 2.1). Raises `OAuthError`, recorded."""
        try:
            managed = await self._identify(request)
        except OAuthError as error:
            await self.refuse(error, request.origin)
            raise
        return self._response(managed)

    async def update(self, request: ConfigurationRequest) -> RegistrationResponse:
        """Replace what is registered by what was sent (section 2.2), and return it. Raises `OAuthError`, recorded."""
        try:
            managed = await self._identify(request)
            await self._take(managed.client.client_id)
            metadata = _updated(request, managed.client)
            checked = await self._check.check(
                managed.client.client_id, metadata, kept_statement=managed.registration.software_statement
            )
            require_same_subjects(managed.client, checked.client)
            changed, secret = self._changed(managed, checked)
            # Every write empties the caches of every process: what changes nothing is none.
            if changed.client != managed.client:
                await self._replace(managed.client, changed.client, "updated", request.origin)
        except OAuthError as error:
            await self.refuse(error, request.origin)
            raise
        return self._response(changed, secret)

    async def delete(self, request: ConfigurationRequest) -> ClientId:
        """Delete a registration (section 2.3); return whose. Raises `OAuthError`, recorded.

        What is left is a disabled client without secrets: its identifier is never used again, its grants and tokens
        are worth nothing, and the audit trail still has somebody to name.
        """
        try:
            managed = await self._identify(request)
            # Whoever registered itself stays told apart from what administrators registered.
            deleted = replace(managed.registration, deleted=True)
            gone = replace(managed.client, disabled=True, secret_hashes=(), retiring_secrets=(), registration=deleted)
            await self._replace(managed.client, gone, "deleted", request.origin)
        except OAuthError as error:
            await self.refuse(error, request.origin)
            raise
        return managed.client.client_id

    async def refuse(self, error: OAuthError, origin: Origin) -> None:
        """Record a refusal, also that of a request that could not even be read."""
        await self._refusals.access_refused(ENDPOINT, error, origin)

    async def _identify(self, request: ConfigurationRequest) -> _Managed:
        sent = bearer_token(request.authorization, {}, {})
        # As it stands, whichever node changed it last: what this one remembers may be a second old.
        client = await self._registry.find(request.client_id)
        registration = client.registration if client else None
        # Section 2.1: an unknown client and a wrong token are answered alike, with 401.
        if client is None or registration is None or registration.deleted or client.disabled:
            raise InvalidTokenError("The registration access token is not valid for this client.")
        if not compare_digest(registration.access_token_hash, hash_of(sent)):
            raise InvalidTokenError(
                "The registration access token is not valid for this client.", client_id=client.client_id
            )
        return _Managed(client, registration, sent)

    async def _take(self, client_id: ClientId) -> None:
        try:
            await self._throttling.take(self._throttling.for_configuration(client_id), self._clock.now())
        except SlowDownError as slow:
            raise TooManyRegistrationsError(slow.wait, client_id=client_id) from slow

    def _changed(self, managed: _Managed, checked: CheckedMetadata) -> tuple[_Managed, str | None]:
        """Return the client as it is from now on, and a secret when it begins to need one."""
        before, after = managed.client, checked.client
        registration = managed.registration
        if checked.statement is not None:
            registration = replace(
                registration, statement_issuer=checked.statement.issuer, software_statement=checked.statement.encoded
            )
        secret, hashes, retiring = None, before.secret_hashes, before.retiring_secrets
        if after.token_endpoint_auth_method not in SECRET_METHODS:
            hashes, retiring = (), ()
        elif not hashes:
            secret = self._entropy.token()
            hashes = (bytes(hash_of(secret)),)
        kept = replace(after, registration=registration, onboarding=before.onboarding)
        client = replace(kept, secret_hashes=hashes, retiring_secrets=retiring, metadata=_governed(before, after))
        return _Managed(client, registration, managed.access_token), secret

    async def _replace(self, before: Client, after: Client, change: str, origin: Origin) -> None:
        event = ClientChanged(origin=origin, client_id=before.client_id, change=change)
        if not await self._registry.replace(before, after, event):
            raise TemporarilyUnavailableError(
                "The registration was changed at the same moment; try again.", client_id=before.client_id
            )

    def _response(self, managed: _Managed, secret: str | None = None) -> RegistrationResponse:
        members = self._information.members(managed.client, managed.registration, managed.access_token, secret)
        return RegistrationResponse(managed.client.client_id, members)


def _governed(before: Client, after: Client) -> dict[str, Any]:
    """Return the new metadata with what administrators decided: what may leave for a client is not its own to say."""
    return {**after.metadata, **{name: before.metadata[name] for name in GOVERNED if name in before.metadata}}


def _updated(request: ConfigurationRequest, client: Client) -> dict[str, Any]:
    """Return the metadata of a PUT, once it is about this client.

    Section 2.2: the request "MUST include the "client_id" field", with the issued value, and "MUST NOT include" what is
    the server's to say; a `client_secret` in it must be the current one: "The client MUST NOT be allowed to overwrite
    its existing client secret with its own chosen value."
    """
    metadata = dict(request.metadata)
    if metadata.pop("client_id", None) != client.client_id:
        raise InvalidClientMetadataError("client_id: must be that of this client.", client_id=client.client_id)
    for name in _NOT_FOR_UPDATES:
        if name in metadata:
            raise InvalidClientMetadataError(f"{name}: must not be sent.", client_id=client.client_id)
    secret = metadata.pop("client_secret", None)
    if secret is not None and (not isinstance(secret, str) or bytes(hash_of(secret)) not in client.secret_hashes):
        raise InvalidClientMetadataError("client_secret: cannot be chosen.", client_id=client.client_id)
    return metadata
