"""Events of the administrators' console: who entered, what was asked, decided and refused."""

from typing import ClassVar

from idp.domain.events.base import Event
from idp.domain.ids import AccountId
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AdministrationRefused(Event):
    """Somebody asked for what the roles or the agency do not allow; `action` is of `domain.offices.administration`."""

    name: ClassVar[str] = "administration.refused"
    account_id: AccountId
    action: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAsked(Event):
    """An administrator asked for a change that another has to approve."""

    name: ClassVar[str] = "change.asked"
    account_id: AccountId
    change_id: str
    kind: str
    subject: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeDecided(Event):
    """A change was approved, refused or withdrawn (`decision`); approved ones are applied afterwards."""

    name: ClassVar[str] = "change.decided"
    account_id: AccountId
    change_id: str
    kind: str
    decision: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFinished(Event):
    """An approved change took effect (`applied`), or could not any more (`failed`, with the reason's code)."""

    name: ClassVar[str] = "change.finished"
    account_id: AccountId
    change_id: str
    kind: str
    outcome: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSearched(Event):
    """Somebody searched the audit trail: by which names of events and by which fields, never by which values."""

    name: ClassVar[str] = "audit.searched"
    account_id: AccountId
    event_name: str | None
    filters: tuple[str, ...]
