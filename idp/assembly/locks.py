"""What ages and what locks, put together."""

from idp.adapters.foundation import Foundation
from idp.assembly.people import look_up_budget
from idp.journeys.administration.carry_out_lock import CarryOutLockRequest
from idp.journeys.administration.four_eyes import FourEyes
from idp.journeys.administration.locks import LockDesk, LockPorts
from idp.journeys.administration.own_identity import OwnIdentity
from idp.journeys.administration.record_looks import RecordLooks
from idp.journeys.ageing_rounds import AgeingRounds, AgeingStores
from idp.ports.notifications import Notifications


def ageing_rounds(at: Foundation, notifications: Notifications) -> AgeingRounds:
    """Make the rounds."""
    stores = AgeingStores(
        ageing=at.stores.ageing_records,
        records=at.stores.identity_records,
        accounts=at.stores.accounts,
        locks=at.stores.account_locks,
    )
    return AgeingRounds(stores, notifications, at.clock, at.entropy, default_locale=at.settings.default_locale)


def carry_out_lock(at: Foundation) -> CarryOutLockRequest:
    """Make the change that an authority's request waits for."""
    stores = at.stores
    return CarryOutLockRequest(stores.lock_requests, OwnIdentity(stores.accounts, stores.duplicates), at.clock)


def lock_desk(at: Foundation, four_eyes: FourEyes) -> LockDesk:
    """Make the desk of the room of locks."""
    stores = at.stores
    ports = LockPorts(
        requests=stores.lock_requests,
        locks=stores.account_locks,
        accounts=stores.accounts,
        days=stores.special_days,
        audit=stores.audit_trail,
        own_identity=OwnIdentity(stores.accounts, stores.duplicates),
        looks=RecordLooks(stores.accounts, stores.record_accesses),
        budget=look_up_budget(at),
    )
    return LockDesk(ports, four_eyes, at.clock, at.entropy)
