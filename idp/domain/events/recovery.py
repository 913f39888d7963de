"""Events of getting back into an account: asked, confirmed, stopped and done, and who is trusted with it."""

from typing import ClassVar

from idp.domain.events.base import Event
from idp.domain.ids import AccountId
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryAsked(Event):
    """Somebody asked to be let back in on a way that takes time, or an officer (`by`) handed a code over.

    `account_id` is absent where nobody has such an identifier. `lost` is what is to be reset.
    """

    name: ClassVar[str] = "recovery.asked"
    recovery_id: str
    way: str
    lost: tuple[str, ...]
    account_id: AccountId | None = None
    by: AccountId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryProved(Event):
    """One proof of a way back was right (`evidence`); `helper` is who gave it, where that was somebody else."""

    name: ClassVar[str] = "recovery.proved"
    account_id: AccountId
    evidence: str
    recovery_id: str | None = None
    helper: AccountId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryConfirmed(Event):
    """Enough of those who were asked gave their word; a password can be set from `ready_at` on, in seconds."""

    name: ClassVar[str] = "recovery.confirmed"
    account_id: AccountId
    recovery_id: str
    ready_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryRefused(Event):
    """A proof of a way back was wrong, too late, tried too often, or did not apply (`reason`)."""

    name: ClassVar[str] = "recovery.refused"
    reason: str
    account_id: AccountId | None = None
    evidence: str | None = None
    recovery_id: str | None = None
    helper: AccountId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryStopped(Event):
    """A way back was stopped, by a `veto` of whom the ladder names; `by` is who, where that is known.

    The veto of a helper stops the one of `recovery_id`, any other one every one that is open: `recovery_id` is then the
    one of the link that was followed, and absent where the owner said so.
    """

    name: ClassVar[str] = "recovery.stopped"
    account_id: AccountId
    veto: str
    recovery_id: str | None = None
    by: AccountId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRecovered(Event):
    """An account got another password on a way back; sessions and grants ended, and `reset` says what was replaced.

    No second factor is enrolled before `held_until` (seconds since the epoch), where the way was a weak one.
    """

    name: ClassVar[str] = "account.recovered"
    account_id: AccountId
    way: str
    reset: tuple[str, ...]
    recovery_id: str | None = None
    held_until: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedPersonChanged(Event):
    """The owner named somebody (`helper`) or took that back, or that person accepted or declined (`change`)."""

    name: ClassVar[str] = "trusted_person.changed"
    account_id: AccountId
    helper: AccountId
    change: str
