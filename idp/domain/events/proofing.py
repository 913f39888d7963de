"""Events of proofing at a counter, and of accounts that turned out to be one human's."""

from typing import ClassVar

from idp.domain.events.base import Event
from idp.domain.ids import AccountId
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofingSearched(Event):
    """An officer (`account_id`) looked for somebody by number at a counter; a case was opened for whoever was found."""

    name: ClassVar[str] = "proofing.searched"
    account_id: AccountId
    agency_code: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofingOpened(Event):
    """An officer opened a case for the person of an account (`subject`)."""

    name: ClassVar[str] = "proofing.opened"
    account_id: AccountId
    agency_code: str
    case_id: str
    subject: AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofingDecided(Event):
    """A case was decided, or an officer asked for a second one (`outcome`: waiting).

    `account_id` and `agency_code` are the officer's; nobody's where a case was refused because no second officer had
    agreed. `reason` of a refusal, `ground` of an exception.
    """

    name: ClassVar[str] = "proofing.decided"
    account_id: AccountId | None
    agency_code: str
    case_id: str
    subject: AccountId
    outcome: str
    reason: str | None = None
    ground: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterCodeGiven(Event):
    """An officer handed an activation code over at the end of a case, or a link where there is no password."""

    name: ClassVar[str] = "proofing.code_given"
    account_id: AccountId
    case_id: str
    subject: AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountBegunAnew(Event):
    """An account that was registered from afar lost password, second factors, contacts, sessions and grants.

    A counter (the case is named) proved whose it is, and that need not be who registered it.
    """

    name: ClassVar[str] = "account.begun_anew"
    account_id: AccountId
    case_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountsMerged(Event):
    """An account was found to be somebody's second one: it is locked for good and forwards to the surviving one."""

    name: ClassVar[str] = "account.merged"
    account_id: AccountId
    surviving_account_id: AccountId
    decided_by: AccountId
    change_id: str
