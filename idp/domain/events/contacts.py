"""Events of contacts that people change themselves; none of them tells an address or a number."""

from typing import ClassVar

from idp.domain.events.base import Event
from idp.domain.ids import AccountId
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactCodeSent(Event):
    """A code left to prove a contact: `which` is `present` for the one that stands there, `wanted` for the new one."""

    name: ClassVar[str] = "contact.code_sent"
    account_id: AccountId
    kind: str
    which: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactChangeRefused(Event):
    """A change of a contact came to nothing (`reason`)."""

    name: ClassVar[str] = "contact.refused"
    account_id: AccountId
    kind: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactChanged(Event):
    """Another contact stands there, proved by a code; the former one can undo it for a while."""

    name: ClassVar[str] = "contact.changed"
    account_id: AccountId
    kind: str
    change_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRestored(Event):
    """The former contact undid a change; sessions and grants ended."""

    name: ClassVar[str] = "contact.restored"
    account_id: AccountId
    kind: str
    change_id: str
