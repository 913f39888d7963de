"""Events of what people do about the safety of their own account: devices, recovery codes, trusted browsers."""

from typing import ClassVar

from idp.domain.events.base import Event
from idp.domain.ids import AccountId, AuthenticatorId
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticatorAdded(Event):
    """One more device for one-time codes was enrolled; the recovery codes stayed as they were."""

    name: ClassVar[str] = "authenticator.added"
    account_id: AccountId
    authenticator_id: AuthenticatorId
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticatorRenamed(Event):
    """A device for one-time codes is called something else; what it is called is the person's own matter."""

    name: ClassVar[str] = "authenticator.renamed"
    account_id: AccountId
    authenticator_id: AuthenticatorId
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticatorRemoved(Event):
    """A device for one-time codes was taken from the account."""

    name: ClassVar[str] = "authenticator.removed"
    account_id: AccountId
    authenticator_id: AuthenticatorId
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCodesRenewed(Event):
    """Fresh recovery codes took the place of all that the account had."""

    name: ClassVar[str] = "recovery_codes.renewed"
    account_id: AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserTrusted(Event):
    """The person trusts the browser in use from now on."""

    name: ClassVar[str] = "browser.trusted"
    account_id: AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserDistrusted(Event):
    """The person took trust back, from one browser or (`all_of_them`) from every one."""

    name: ClassVar[str] = "browser.distrusted"
    account_id: AccountId
    all_of_them: bool = False
