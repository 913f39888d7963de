"""What is under way while somebody gets back in at one go, and what that needs from outside."""

from idp.domain.accounts.account import Account, AccountKind
from idp.domain.accounts.recovery import LADDER, Credential, Evidence, Way
from idp.domain.ids import AccountId, Seconds
from idp.domain.values import dataclass
from idp.journeys.activation_codes import ActivationCodes
from idp.journeys.attempt import Attempts
from idp.journeys.bound_documents import BoundDocuments
from idp.journeys.errands import Errands
from idp.journeys.new_passwords import NewPasswords
from idp.journeys.recovery.refusing import Refusing
from idp.journeys.throttling import Throttling
from idp.journeys.visitor import KnownDevices
from idp.ports.accounts import Accounts, Authenticators
from idp.ports.audit import AuditTrail
from idp.ports.clock import Clock
from idp.ports.keys import SubjectKeys
from idp.ports.own_contacts import OwnContacts
from idp.ports.recoveries import Recoveries
from idp.ports.recovery_messages import RecoveryMessages

LIFETIME = 30 * 60
"""Seconds from the first page to the last."""


@dataclass(frozen=True, slots=True)
class Recovering:
    """How far somebody came. `account_id` is None where nothing can come of it.

    `person` is whose throttles it takes from, a keyed hash; it is empty where the account is known from elsewhere.
    `proved` is the way whose proofs are complete, but for the contact's. `recovery_code_hash` and `request_id` are used
    up by the reset. `ready_at` is when a code of a counter that was typed earlier opens the account by itself; nodes of
    the release before, which do not read it, offer the password and then refuse to set it.
    """

    lost: frozenset[Credential]
    began_at: Seconds
    account_id: AccountId | None
    contact_proved: bool = False
    proved: Way | None = None
    recovery_code_hash: bytes | None = None
    request_id: str | None = None
    person: str = ""
    ready_at: Seconds | None = None

    @property
    def way(self) -> Way | None:
        """The way that is gone, where one is chosen: a code of a counter that has to wait takes the contact too."""
        is_early = self.proved is Way.COUNTER and self.ready_at is not None
        return Way.COUNTER_CONTACT if is_early else self.proved

    @property
    def counter_account(self) -> AccountId | None:
        """Whose code of a counter was typed before it opens the account by itself."""
        return self.account_id if self.way is Way.COUNTER_CONTACT else None

    @property
    def forgets_factors(self) -> bool:
        """Whether second factors go with the password."""
        if self.way is None or Credential.SECOND_FACTOR not in self.lost:
            return False
        return Credential.SECOND_FACTOR in LADDER[self.way].resets

    @property
    def complete(self) -> Way | None:
        """The way whose proofs are all there; None while one is missing."""
        if self.way is None or self.account_id is None:
            return None
        lacks_contact = Evidence.CONTACT_CODE in LADDER[self.way].needs and not self.contact_proved
        return None if lacks_contact else self.way


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryParts:
    """What getting back in needs from outside."""

    documents: BoundDocuments[Recovering]
    recoveries: Recoveries
    accounts: Accounts
    authenticators: Authenticators
    contacts: OwnContacts
    attempts: Attempts
    codes: ActivationCodes
    messages: RecoveryMessages
    errands: Errands
    throttling: Throttling
    devices: KnownDevices
    passwords: NewPasswords
    keys: SubjectKeys
    audit: AuditTrail
    refusing: Refusing
    clock: Clock


def may_recover(account: Account) -> bool:
    """Whether anything can come of it: locks win, and officers get back in at their office."""
    return account.is_active and account.kind is AccountKind.CITIZEN
