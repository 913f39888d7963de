"""Events of passkeys."""

from typing import ClassVar

from idp.domain.events.base import Event
from idp.domain.ids import AccountId, ClientId, PasskeyId
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyAdded(Event):
    """An account has another passkey; `method` tells what using it proves, `aaguid` the model where it was told."""

    name: ClassVar[str] = "passkey.added"
    account_id: AccountId
    passkey_id: PasskeyId
    method: str
    synced: bool
    aaguid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyNotAdded(Event):
    """A passkey was made somewhere and is not believed."""

    name: ClassVar[str] = "passkey.not_added"
    account_id: AccountId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyAccepted(Event):
    """Somebody used an account's passkey; `discovered`: as the first thing, before anybody was named."""

    name: ClassVar[str] = "passkey.accepted"
    account_id: AccountId
    passkey_id: PasskeyId
    method: str
    discovered: bool
    client_id: ClientId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyRefused(Event):
    """A passkey was refused; without `account_id` it is not known whose it was.

    Reason `counter`: the signature counter went backwards, as it would with a copied authenticator.
    """

    name: ClassVar[str] = "passkey.refused"
    reason: str
    account_id: AccountId | None = None
    passkey_id: PasskeyId | None = None
    client_id: ClientId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyRenamed(Event):
    """The owner calls a passkey something else."""

    name: ClassVar[str] = "passkey.renamed"
    account_id: AccountId
    passkey_id: PasskeyId


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyRemoved(Event):
    """A passkey signs in no more."""

    name: ClassVar[str] = "passkey.removed"
    account_id: AccountId
    passkey_id: PasskeyId
