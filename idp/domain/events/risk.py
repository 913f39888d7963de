"""Events of risk: what was odd about a sign-in, and devices that an account had not been used on."""

from typing import ClassVar

from idp.domain.events.base import Event
from idp.domain.ids import AccountId, ClientId, SessionId
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInAssessed(Event):
    """The first factor was right, and something about the sign-in is odd (`signals`); without signals nothing is told.

    `place` is a code of country and province.
    """

    name: ClassVar[str] = "sign_in.assessed"
    account_id: AccountId
    risk: str
    signals: tuple[str, ...]
    place: str | None = None
    client_id: ClientId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDeviceSignedIn(Event):
    """Somebody is signed in on a device that the account, which had been used before, had not been used on."""

    name: ClassVar[str] = "sign_in.new_device"
    account_id: AccountId
    session_id: SessionId
    place: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertUndelivered(Event):
    """An alert did not reach its owner by one `channel`, which was tried for days or does not exist."""

    name: ClassVar[str] = "alert.undelivered"
    account_id: AccountId
    alert: str
    channel: str
    attempts: int
