"""The people room, put together."""

from idp.adapters.foundation import Foundation
from idp.journeys.administration.people import PeopleRoom, PeopleStores
from idp.journeys.administration.people_tickets import PeopleTickets
from idp.journeys.administration.record_looks import RecordLooks


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
    return PeopleRoom(ports, RecordLooks(stores.accounts, stores.record_accesses), tickets, at.clock, at.entropy)
