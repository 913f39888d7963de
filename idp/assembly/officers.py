"""The use cases about officers and agencies, made once."""

from idp.adapters.foundation import Foundation
from idp.assembly.people import look_up_budget
from idp.journeys.activation import IssuedLinks
from idp.journeys.administration.agencies import AgencyAdministration
from idp.journeys.administration.four_eyes import ChangeKind, FourEyes
from idp.journeys.administration.officer_search import OfficerSearch, OfficerSearchPorts
from idp.journeys.administration.officers import OfficerAdministration
from idp.journeys.administration.reach import AgencyReach
from idp.journeys.administration.record_looks import RecordLooks
from idp.journeys.administration.role_changes import RoleChange, RoleRequests
from idp.journeys.administration.safety_review import SafetyReviews
from idp.journeys.joining import Joining


def officer_administration(at: Foundation) -> OfficerAdministration:
    """Joiners, movers and leavers."""
    stores = at.stores
    return OfficerAdministration(
        officers=stores.officers,
        agencies=stores.agencies,
        joining=joining(at),
        links=IssuedLinks(stores.activation_links, at.clock, at.entropy),
        locks=stores.account_locks,
        reach=AgencyReach(stores.agency_tree),
        changes=stores.change_requests,
        budget=look_up_budget(at),
        audit=stores.audit_trail,
        clock=at.clock,
    )


def agency_administration(at: Foundation) -> AgencyAdministration:
    """The tree of agencies."""
    return AgencyAdministration(at.stores.agencies, at.stores.officers, AgencyReach(at.stores.agency_tree), at.clock)


def role_requests(at: Foundation, four_eyes: FourEyes) -> RoleRequests:
    """Asking for roles."""
    return RoleRequests(at.stores.officers, four_eyes, AgencyReach(at.stores.agency_tree), at.clock)


def officer_search(at: Foundation) -> OfficerSearch:
    """Finding an officer."""
    stores = at.stores
    ports = OfficerSearchPorts(
        officers=stores.officers,
        records=stores.identity_records,
        search=stores.people_search,
        audit=stores.audit_trail,
        reach=AgencyReach(stores.agency_tree),
        looks=RecordLooks(stores.accounts, stores.record_accesses),
        budget=look_up_budget(at),
    )
    return OfficerSearch(ports, at.clock, at.entropy)


def safety_reviews(at: Foundation) -> SafetyReviews:
    """What happened to accounts that get roles."""
    return SafetyReviews(at.stores.officers, at.stores.security_history, at.clock)


def joining(at: Foundation) -> Joining:
    """What makes officers of people, for administrators and for other systems."""
    return Joining(at.stores.officers, at.stores.identity_records, at.clock, at.entropy)


def role_changes(at: Foundation) -> tuple[ChangeKind, ...]:
    """Return the kinds of changes that grant roles."""
    reach = AgencyReach(at.stores.agency_tree)
    return tuple(RoleChange(at.stores.officers, reach, at.clock, wide=wide) for wide in (False, True))
