"""Events of requests that a person answers away from the client: device codes, backchannel authentication."""

from typing import ClassVar

from idp.domain.events.base import Event
from idp.domain.ids import AccountId, ClientId
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DecoupledRequestMade(Event):
    """A client asked, and now waits for a person's answer; `kind` is `device` or `ciba`."""

    name: ClassVar[str] = "decoupled.requested"
    kind: str
    client_id: ClientId
    scopes: tuple[str, ...]
    account_id: AccountId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalUntold(Event):
    """A request waits for a person who had no mail about it: too many left already (`throttled`), or `mail failed`."""

    name: ClassVar[str] = "approval.untold"
    client_id: ClientId
    account_id: AccountId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserCodeRefused(Event):
    """Somebody typed a user code that stands for nothing, or tried too often (`reason`)."""

    name: ClassVar[str] = "user_code.refused"
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientNotified(Event):
    """A client was told that the person decided."""

    name: ClassVar[str] = "notification.delivered"
    client_id: ClientId
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationAbandoned(Event):
    """A client could not be told that the person decided; it may still ask."""

    name: ClassVar[str] = "notification.abandoned"
    client_id: ClientId
    attempts: int
    reason: str
