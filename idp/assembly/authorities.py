"""Acting for others, as the console sees it: rooms, and the change that two administrators make."""

from idp.adapters.foundation import Foundation
from idp.journeys.administration.four_eyes import FourEyes
from idp.journeys.administration.guardianships import AuthorityDesk, ConfirmGuardianship
from idp.journeys.administration.own_identity import OwnIdentity
from idp.journeys.administration.record_looks import RecordLooks


def authority_desk(at: Foundation, four_eyes: FourEyes) -> AuthorityDesk:
    """Make what the rooms of organisations and guardianships ask."""
    stores = at.stores
    return AuthorityDesk(
        stores.organisations,
        stores.mandates,
        stores.guardianships,
        stores.identity_records,
        four_eyes,
        _own_identity(at),
        RecordLooks(stores.accounts, stores.record_accesses),
        at.clock,
    )


def confirm_guardianship(at: Foundation) -> ConfirmGuardianship:
    """Make the change."""
    stores = at.stores
    looks = RecordLooks(stores.accounts, stores.record_accesses)
    return ConfirmGuardianship(stores.guardianships, stores.identity_records, _own_identity(at), looks, at.clock)


def _own_identity(at: Foundation) -> OwnIdentity:
    return OwnIdentity(at.stores.accounts, at.stores.duplicates)
