"""What the console is made from: the use cases of each area, and the frame around its pages."""

from idp.domain.values import dataclass
from idp.journeys.administration.administrator import Administrators
from idp.journeys.administration.agencies import AgencyAdministration
from idp.journeys.administration.audit_search import AuditSearch
from idp.journeys.administration.clients import ClientDesk
from idp.journeys.administration.corrections import CorrectionDesk
from idp.journeys.administration.four_eyes import FourEyes
from idp.journeys.administration.guardianships import AuthorityDesk
from idp.journeys.administration.keys import KeyDesk
from idp.journeys.administration.locks import LockDesk
from idp.journeys.administration.merging import Merging
from idp.journeys.administration.officer_search import OfficerSearch
from idp.journeys.administration.officers import OfficerAdministration
from idp.journeys.administration.people import PeopleRoom
from idp.journeys.administration.policies import PolicyDesk
from idp.journeys.administration.proofing import Proofing
from idp.journeys.administration.reports import Reports
from idp.journeys.administration.role_changes import RoleRequests
from idp.journeys.administration.safety_review import SafetyReviews
from idp.journeys.journey_counter import JourneyCounter
from idp.ports.accounts import Accounts
from idp.ports.clients import Clients
from idp.ports.clock import Clock
from idp.protocol.resources.administration_access import AdministrationAccess
from idp.web.console.frame import Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Administration:
    """The use cases, made by `assembly.administration`; pages and the JSON API ask the same ones."""

    issuer: str
    administrators: Administrators
    access: AdministrationAccess
    four_eyes: FourEyes
    audit_search: AuditSearch
    keys: KeyDesk
    journey_counter: JourneyCounter
    reports: Reports
    locks: LockDesk
    corrections: CorrectionDesk
    policies: PolicyDesk
    clients: Clients
    people: PeopleRoom
    client_desk: ClientDesk
    officers: OfficerAdministration
    officer_search: OfficerSearch
    agencies: AgencyAdministration
    role_requests: RoleRequests
    safety_reviews: SafetyReviews
    proofing: Proofing
    merging: Merging
    authorities: AuthorityDesk
    accounts: Accounts
    clock: Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleParts:
    """What the pages of every area share."""

    administration: Administration
    frame: Frame
