"""What the pages are made from: the ports of the site, and the parts that several groups of pages share."""

from typing import Protocol

from starlette.routing import Route

from idp.domain.authenticators.phone_sign_in import Closeness
from idp.domain.levels.assurance import Method
from idp.domain.values import dataclass
from idp.journeys.abuse.meters import Meters
from idp.journeys.account_security.browser_trust import BrowserTrust
from idp.journeys.acting_for import PrincipalStep
from idp.journeys.attempt import Attempts
from idp.journeys.consent import ConsentStep
from idp.journeys.errands import Errands
from idp.journeys.floods import Floods
from idp.journeys.new_code_device import NewCodeDevice
from idp.journeys.new_passwords import NewPasswords
from idp.journeys.portrait_checks import PortraitChecks
from idp.journeys.risk.assessment import RiskAssessment
from idp.journeys.sessions import Sessions
from idp.journeys.sign_in import SignIn
from idp.journeys.throttling import Throttling
from idp.journeys.visitor import KnownDevices
from idp.ports.account_locks import AccountLocks
from idp.ports.accounts import Accounts, Authenticators
from idp.ports.activation_links import ActivationLinks
from idp.ports.assurance_policies import AssurancePolicies
from idp.ports.audit import AuditTrail
from idp.ports.biometric_verifier import BiometricVerifier
from idp.ports.clients import Clients
from idp.ports.clock import Clock, Entropy
from idp.ports.grants import Consents, Grants
from idp.ports.identity_records import IdentityRecords
from idp.ports.keys import PasswordHasher, SubjectKeys, TokenSigner
from idp.ports.mail import Mailer
from idp.ports.messages import Messenger
from idp.ports.own_contacts import OwnContacts
from idp.ports.passkey_ceremonies import PasskeyCeremonies
from idp.ports.passkeys import Passkeys
from idp.ports.password_blocklist import PasswordBlocklist
from idp.ports.person_certificates import AccountCertificates, PersonCertificates
from idp.ports.places import Places
from idp.ports.population_registry import PopulationRegistry
from idp.ports.recoveries import Recoveries, TrustedPeople
from idp.ports.recovery_messages import RecoveryMessages
from idp.ports.security_alerts import SecurityAlerts
from idp.ports.security_history import SecurityHistory
from idp.ports.session_records import SessionRecords
from idp.ports.short_lived import ShortLivedStore
from idp.ports.sign_in_history import SignInHistory
from idp.ports.traces import Watch, unwatched
from idp.ports.trusted_browsers import TrustedBrowsers
from idp.ports.vault import Vault
from idp.protocol.ciba.approvals import Approvals
from idp.protocol.decoupled.decision import DecoupledDecisions
from idp.protocol.refusal_counter import RefusalCounter
from idp.web.notifications import MailedNotifications
from idp.web.pages.account.data import OwnData
from idp.web.pages.acting.ports import ActingPorts
from idp.web.pages.desk import Desk
from idp.web.pages.endpoint import Handler
from idp.web.pages.new_accounts.registration import REGISTER
from idp.web.pages.signing_in.authorize import AuthorizePages
from idp.web.pages.signing_in.journey import Journey
from idp.web.views.common import Locale

ISSUER_NAME = "Định danh quốc gia"
"""What authenticator apps and passkey managers show beside what they keep for us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePorts:
    """What the pages need from outside."""

    issuer: str
    default_locale: Locale
    accounts: Accounts
    authenticators: Authenticators
    passkeys: Passkeys
    passkey_ceremonies: PasskeyCeremonies
    activation_links: ActivationLinks
    own_data: OwnData
    clients: Clients
    grants: Grants
    consents: Consents
    acting: ActingPorts
    decisions: DecoupledDecisions
    approvals: Approvals
    short_lived: ShortLivedStore
    audit: AuditTrail
    assurance_policies: AssurancePolicies
    methods: frozenset[Method]
    phone_closeness: Closeness
    signer: TokenSigner
    keys: SubjectKeys
    vault: Vault
    hasher: PasswordHasher
    password_blocklist: PasswordBlocklist
    mailer: Mailer
    messenger: Messenger
    identity_records: IdentityRecords
    account_locks: AccountLocks
    own_contacts: OwnContacts
    recoveries: Recoveries
    trusted_people: TrustedPeople
    session_records: SessionRecords
    trusted_browsers: TrustedBrowsers
    security_history: SecurityHistory
    security_alerts: SecurityAlerts
    sign_in_history: SignInHistory
    places: Places
    population_registry: PopulationRegistry | None
    biometric_verifier: BiometricVerifier | None
    person_certificates: PersonCertificates | None
    account_certificates: AccountCertificates
    usual_failures: int
    clock: Clock
    entropy: Entropy
    watch: Watch = unwatched

    @property
    def register_href(self) -> str | None:
        """Where people open an account themselves; None where they cannot."""
        return REGISTER if self.population_registry else None


class MakeRoute(Protocol):
    """Makes the route of one page."""

    def __call__(self, path: str, **handlers: Handler) -> Route:
        """Return the route; `handlers` by method in lower case."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteParts:
    """What several groups of pages share, made once."""

    ports: SitePorts
    desk: Desk
    notices: MailedNotifications
    recovery_messages: RecoveryMessages
    errands: Errands
    attempts: Attempts
    devices: KnownDevices
    throttling: Throttling
    meters: Meters
    trust: BrowserTrust
    risk: RiskAssessment
    sessions: Sessions
    sign_in: SignIn
    consent: ConsentStep
    principal: PrincipalStep
    authorize: AuthorizePages
    journey: Journey
    passwords: NewPasswords
    refusals: RefusalCounter
    floods: Floods
    route: MakeRoute

    @property
    def code_device(self) -> NewCodeDevice:
        """How a device for one-time codes comes to an account, the first and every further one."""
        ports = self.ports
        return NewCodeDevice(
            throttling=self.throttling,
            keys=ports.keys,
            audit=ports.audit,
            clock=ports.clock,
            entropy=ports.entropy,
            issuer_name=ISSUER_NAME,
        )

    @property
    def portraits(self) -> PortraitChecks | None:
        """Checks of faces against the register; None where register or verifier is missing."""
        ports = self.ports
        if ports.population_registry is None or ports.biometric_verifier is None:
            return None
        return PortraitChecks(
            issuer=ports.issuer,
            registry=ports.population_registry,
            verifier=ports.biometric_verifier,
            records=ports.identity_records,
            throttling=self.throttling,
            audit=ports.audit,
            clock=ports.clock,
        )
