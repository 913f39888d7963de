"""The people room, put together."""

from idp.adapters.foundation import Foundation
from idp.journeys.administration.look_up_budget import LookUpBudget
from idp.journeys.administration.people import PeopleRoom, PeopleStores
from idp.journeys.administration.people_tickets import PeopleTickets
from idp.journeys.administration.record_looks import RecordLooks
from idp.journeys.throttling import Throttling


def people_room(at: Foundation) -> PeopleRoom:
    """Make what the room asks."""
    stores = at.stores
    ports = PeopleStores(
        records=stores.identity_records,
        search=stores.people_search,
        accounts=stores.accounts,
        authenticators=stores.authenticators,
        locks=stores.account_locks,
        duplicates=stores.duplicates,
        history=stores.audit_history,
        audit=stores.audit_trail,
    )
    tickets = PeopleTickets(stores.short_lived, at.keystore.vault(), at.clock, at.entropy)
    looks = RecordLooks(stores.accounts, stores.record_accesses)
    return PeopleRoom(ports, looks, tickets, look_up_budget(at), at.clock, at.entropy)


def look_up_budget(at: Foundation) -> LookUpBudget:
    """How many people an administrator looks up."""
    throttling = Throttling(at.stores.short_lived, at.keys)
    return LookUpBudget(throttling, at.stores.audit_trail, at.clock)
