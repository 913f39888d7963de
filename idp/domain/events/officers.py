"""Events of officers and agencies: who comes, moves and goes, and who brought it about."""

from typing import ClassVar

from idp.domain.events.base import Event
from idp.domain.ids import AccountId, ClientId
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationLinkMade(Event):
    """Somebody (`by`; absent: a command) made a link that lets its holder take over an account.

    `recovery_id` names it to whoever stops it, as that of any other way into the account.
    """

    name: ClassVar[str] = "activation_link.made"
    account_id: AccountId
    by: AccountId | None = None
    recovery_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationLinkRefused(Event):
    """A link was used that is unknown (`account_id` absent), used up, expired, or of a locked account."""

    name: ClassVar[str] = "activation_link.refused"
    reason: str
    account_id: AccountId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountActivated(Event):
    """Somebody chose a password by a link; second factors, sessions and grants from before ended."""

    name: ClassVar[str] = "account.activated"
    account_id: AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerChanged(Event):
    """An officer's account or post changed (`change`): by an administrator, a client, a command, or a rule.

    `reason` is a word of a fixed list, of suspensions alone.
    """

    name: ClassVar[str] = "officer.changed"
    account_id: AccountId
    change: str
    agency_code: str | None = None
    roles: tuple[str, ...] | None = None
    by: AccountId | None = None
    client_id: ClientId | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisioningRefused(Event):
    """A client's system asked for something about an officer that cannot be (`reason`), or is not its to ask."""

    name: ClassVar[str] = "provisioning.refused"
    client_id: ClientId
    operation: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyChanged(Event):
    """An agency was founded, changed or closed (`change`)."""

    name: ClassVar[str] = "agency.changed"
    agency_code: str
    change: str
    by: AccountId | None = None
