"""Changes of services that take two administrators: into production, and whatever changes one that is there."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import msgspec

from idp.domain.clients.client import Client, SubjectType
from idp.domain.clients.onboarding import OnboardingStage
from idp.domain.clients.registration import RefusedMetadata
from idp.domain.events import ClientChanged
from idp.domain.ids import AccountId, ClientId
from idp.domain.offices.administration import Action
from idp.domain.offices.change_request import ChangeRequest
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.errors import ChangedMeanwhileError, InvalidEntryError, NotFoundError
from idp.ports.client_metadata import ClientMetadataReader
from idp.ports.clients import ClientRegistry

PRODUCTION: Final = "clients.production"
NOT_METADATA: Final = frozenset({"client_id", "client_secret"})
"""What stands beside the metadata and is no part of a change."""
METADATA: Final = "clients.metadata"
_NOTHING: Final = "–"


class ClientStore:
    """Services as they stand at this moment, and one step of one of them at a time."""

    def __init__(self, registry: ClientRegistry, reader: ClientMetadataReader) -> None:
        self._registry = registry
        self._reader = reader

    async def find(self, client_id: str) -> Client:
        """One service. Raises `NotFoundError`."""
        client = await self._registry.find(client_id)
        if client is None:
            raise NotFoundError
        return client

    async def version(self, client_id: str) -> str:
        """What stands for everything that is registered of a service. Raises `NotFoundError`."""
        return version_of(await self.find(client_id))

    async def step(
        self, admin: Administrator, before: Client, after: Client, change: str, tester: AccountId | None = None
    ) -> None:
        """Put `after` in the place of `before`. Raises `ChangedMeanwhileError`."""
        if before == after:
            return
        event = ClientChanged(
            origin=admin.origin,
            client_id=before.client_id,
            change=change,
            account_id=admin.account_id,
            tester=tester,
        )
        if not await self._registry.replace(before, after, event):
            raise ChangedMeanwhileError

    def read(self, client_id: str, metadata: Mapping[str, Any]) -> Client:
        """Return the client that metadata describe, without secrets. Raises `InvalidEntryError` naming the field."""
        try:
            return self._reader.read(ClientId(client_id), metadata)
        except RefusedMetadata as refused:
            raise InvalidEntryError(refused.name.partition(".")[0], "malformed") from None

    def changed(self, client: Client, metadata: Mapping[str, Any]) -> Client:
        """Return the client with other metadata; what was decided of it, and its secrets, stay.

        Raises `InvalidEntryError`, also for what would tell the service other pairwise subjects than before, and what
        would need other credentials.
        """
        read = self.read(client.client_id, metadata)
        if read.token_endpoint_auth_method != client.token_endpoint_auth_method:
            raise InvalidEntryError("token_endpoint_auth_method", "other_credentials")
        is_pairwise = SubjectType.PAIRWISE in {read.subject_type, client.subject_type}
        if is_pairwise and (read.subject_type, read.sector) != (client.subject_type, client.sector):
            raise InvalidEntryError("redirect_uris", "other_sector")
        return replace(
            read,
            secret_hashes=client.secret_hashes,
            retiring_secrets=client.retiring_secrets,
            sealed_secret=client.sealed_secret,
            disabled=client.disabled,
            registration=client.registration,
            onboarding=client.onboarding,
        )


class _ClientChange:
    """What every kind of change of a service has in common; the subject is its `client_id`."""

    asks = Action.CLIENTS_ASK
    decides = Action.CLIENTS_DECIDE

    def __init__(self, store: ClientStore) -> None:
        self._store = store

    async def version(self, subject: str) -> str:
        """What is registered now."""
        return await self._store.version(subject)


class IntoProduction(_ClientChange):
    """Implements `ChangeKind`: a service signs in everybody from now on. The subject is its `client_id`."""

    name = PRODUCTION

    async def shown(self, change: ChangeRequest) -> Mapping[str, str]:
        """What the decider reads: the gates as they were passed, and everything that is registered."""
        client = await self._store.find(change.subject)
        way = client.onboarding
        return {
            "client.id": client.client_id,
            "client.purpose": way.purpose if way else "",
            "client.agreement": f"{way.agreement}, {way.agreement_date}" if way else "",
            "client.security_level": f"{way.security_level or ''}" if way else "",
            **{f"client.{name}": _words(value) for name, value in sorted(_in_effect(client).items())},
        }

    async def apply(self, change: ChangeRequest, decider: Administrator) -> None:
        """Open it, once."""
        client = await self._store.find(change.subject)
        if client.is_in_production:
            return
        if version_of(client) != change.version or client.onboarding is None or any(client.onboarding.missing()):
            raise ChangedMeanwhileError
        opened = replace(client, onboarding=replace(client.onboarding, stage=OnboardingStage.PRODUCTION))
        await self._store.step(decider, client, opened, "production")


class ChangeMetadata(_ClientChange):
    """Implements `ChangeKind`: what is registered of a service in production becomes `payload.metadata`."""

    name = METADATA

    async def shown(self, change: ChangeRequest) -> Mapping[str, str]:
        """What the decider reads: what differs, by its registered name, before and after."""
        client = await self._store.find(change.subject)
        return {"client.id": client.client_id} | differences(client.metadata, change.payload["metadata"])

    async def apply(self, change: ChangeRequest, decider: Administrator) -> None:
        """Register it, once."""
        client = await self._store.find(change.subject)
        changed = self._store.changed(client, change.payload["metadata"])
        if changed == client:
            return
        if version_of(client) != change.version:
            raise ChangedMeanwhileError
        await self._store.step(decider, client, changed, "updated")


def version_of(client: Client) -> str:
    """Return what stands for everything that is registered of a client."""
    return hashlib.sha256(msgspec.json.encode(client, order="deterministic")).hexdigest()


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, str]:
    """Return what differs between two registrations, by name: before → after."""
    names = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    return {f"client.{name}": f"{_words(before.get(name))} → {_words(after.get(name))}" for name in names}


def _in_effect(client: Client) -> dict[str, Any]:
    """What is registered, and what counts where the most telling names are left out."""
    defaults = {
        "client_name": client.name_in("vi"),
        "scope": sorted(client.scopes),
        "grant_types": sorted(client.grant_types),
        "token_endpoint_auth_method": client.token_endpoint_auth_method,
        "audience": client.audience.value,
    }
    return defaults | client.metadata


def _words(value: object) -> str:
    if value is None or value == "":
        return _NOTHING
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return " ".join(value) or _NOTHING
    return msgspec.json.encode(value, order="sorted").decode()
