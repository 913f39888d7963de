"""Events of requests that a person answers away from the client: device codes, backchannel authentication."""

from dataclasses import dataclass
from typing import ClassVar

from idp.domain.events.base import Event
from idp.domain.ids import AccountId, ClientId


@dataclass(frozen=True, slots=True, kw_only=True)
class DecoupledRequestMade(Event):
    """A client asked, and now waits for a person's answer; `kind` is `device` or `ciba`."""

    name: ClassVar[str] = "decoupled.requested"
    kind: str
    client_id: ClientId
    scopes: tuple[str, ...]
    account_id: AccountId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserCodeRefused(Event):
    """Somebody typed a user code that stands for nothing, or tried too often (`reason`)."""

    name: ClassVar[str] = "user_code.refused"
    reason: str
