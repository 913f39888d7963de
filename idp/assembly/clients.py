"""The services room, put together."""

from idp.adapters.foundation import Foundation
from idp.adapters.importing.registered_document import RegisteredDocument
from idp.journeys.administration.client_changes import ChangeMetadata, ClientStore, IntoProduction
from idp.journeys.administration.clients import ClientDesk, ClientParts
from idp.journeys.administration.four_eyes import ChangeKind, FourEyes
from idp.journeys.throttling import Throttling
from idp.protocol.clients.client_secrets import ClientSecrets


def client_changes(at: Foundation) -> tuple[ChangeKind, ...]:
    """Return the kinds of changes of services."""
    return IntoProduction(_store(at)), ChangeMetadata(_store(at))


def client_desk(at: Foundation, four_eyes: FourEyes) -> ClientDesk:
    """Make what the room asks."""
    parts = ClientParts(
        registry=at.stores.client_registry,
        store=_store(at),
        accounts=at.stores.accounts,
        throttling=Throttling(at.stores.short_lived, at.keys),
        audit=at.stores.audit_trail,
        four_eyes=four_eyes,
        seal=ClientSecrets(at.keystore.vault()).seal,
        clock=at.clock,
        entropy=at.entropy,
    )
    return ClientDesk(parts)


def _store(at: Foundation) -> ClientStore:
    return ClientStore(at.stores.client_registry, RegisteredDocument(at.signer.algorithms))
