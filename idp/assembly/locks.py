"""What ages and what locks, put together."""

from idp.adapters.foundation import Foundation
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
