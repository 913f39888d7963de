"""Events of people's own data: taken away as a file, corrected on request, and accounts that people close."""

from typing import ClassVar

from idp.domain.events.base import Event
from idp.domain.ids import AccountId, SessionId
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DataExported(Event):
    """The person took everything that is held about him or her, as a file."""

    name: ClassVar[str] = "own_data.exported"
    account_id: AccountId
    session_id: SessionId


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionMoved(Event):
    """A request for correction was made, answered, carried out or taken back (`state`).

    `officer` is who did it, where the person did not; `claims` what is to be corrected, by name.
    """

    name: ClassVar[str] = "correction.moved"
    account_id: AccountId
    request_id: str
    state: str
    claims: tuple[str, ...] = ()
    officer: AccountId | None = None
    late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountClosing(Event):
    """The person asked to close the account, or thought better of it (`asked` is False)."""

    name: ClassVar[str] = "account.closing"
    account_id: AccountId
    asked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountClosed(Event):
    """The account closed for good: what may be erased is gone."""

    name: ClassVar[str] = "account.closed"
    account_id: AccountId
