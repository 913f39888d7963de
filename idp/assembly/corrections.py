"""Corrections of records: the person's side, the console's, and the change that two administrators make."""

from idp.adapters.foundation import Foundation
from idp.journeys.administration.corrections import CorrectionDesk, CorrectionParts, CorrectRecord
from idp.journeys.administration.four_eyes import FourEyes
from idp.journeys.administration.own_identity import OwnIdentity
from idp.journeys.administration.record_looks import RecordLooks
from idp.journeys.own_corrections import OwnCorrections


def own_corrections(at: Foundation) -> OwnCorrections:
    """Make what people ask with."""
    stores = at.stores
    return OwnCorrections(stores.corrections, stores.identity_records, stores.special_days, at.clock, at.entropy)


def correction_desk(at: Foundation, four_eyes: FourEyes) -> CorrectionDesk:
    """Make what administrators answer with."""
    return CorrectionDesk(_parts(at), four_eyes)


def correct_record(at: Foundation) -> CorrectRecord:
    """Make the change."""
    return CorrectRecord(_parts(at))


def _parts(at: Foundation) -> CorrectionParts:
    stores = at.stores
    return CorrectionParts(
        corrections=stores.corrections,
        records=stores.identity_records,
        own_identity=OwnIdentity(stores.accounts, stores.duplicates),
        looks=RecordLooks(stores.accounts, stores.record_accesses),
        clock=at.clock,
    )
