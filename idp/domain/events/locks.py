"""Events of locks: what registers told, what authorities asked for, and records that age."""

from typing import ClassVar

from idp.domain.events.base import Event
from idp.domain.ids import AccountId, ClientId
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LockEnded(Event):
    """One lock of an account ended, on `ground`; `unlocked`: it was the last one.

    `by` is the administrator, `client_id` the system that ended it; neither: it ended by itself, or by an operator.
    """

    name: ClassVar[str] = "account.lock_ended"
    account_id: AccountId
    ground: str
    unlocked: bool = False
    by: AccountId | None = None
    client_id: ClientId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterEventReceived(Event):
    """A register told something; `outcome` is what became of it, `accounts` whom it locked or unlocked."""

    name: ClassVar[str] = "register.event"
    client_id: ClientId
    event_type: str
    event_id: str
    outcome: str
    accounts: tuple[AccountId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityCardRenewed(Event):
    """A register told of a new card: the record has its end."""

    name: ClassVar[str] = "identity.card_renewed"
    client_id: ClientId
    event_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LocksLookedUp(Event):
    """An administrator (`officer`) looked for an account by an identifier, to see its locks."""

    name: ClassVar[str] = "locks.looked_up"
    account_id: AccountId
    officer: AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class LockRequestMoved(Event):
    """An authority's request was entered, forwarded, approved, refused or carried out (`state`) by `officer`."""

    name: ClassVar[str] = "lock_request.moved"
    account_id: AccountId
    officer: AccountId
    request_id: str
    direction: str
    state: str
    late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityAged(Event):
    """What could be asserted of a person came to an end: claims that are not verified any more, a lower level."""

    name: ClassVar[str] = "identity.aged"
    account_id: AccountId
    claims: tuple[str, ...]
    level_before: int
    level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeingNoticeGiven(Event):
    """A person was told that a proof will end; `delivered`: by a message."""

    name: ClassVar[str] = "identity.ageing_notice"
    account_id: AccountId
    delivered: bool
