"""Proofing at counters, put together; its kinds of changes come before the four eyes that ask them."""

from idp.adapters.foundation import Foundation
from idp.assembly.people import look_up_budget
from idp.assembly.proofing import population_registry
from idp.journeys.activation import IssuedLinks
from idp.journeys.activation_codes import ActivationCodes
from idp.journeys.administration.counter_cases import ProofingStores
from idp.journeys.administration.four_eyes import ChangeKind, FourEyes
from idp.journeys.administration.handing_over import HandOver
from idp.journeys.administration.merging import AccountMerges, Merging
from idp.journeys.administration.own_identity import OwnIdentity
from idp.journeys.administration.proofing import Proofing
from idp.journeys.administration.proofing_exceptions import ProofingExceptions
from idp.journeys.administration.record_looks import RecordLooks
from idp.journeys.recovery.counter import CounterCodes
from idp.journeys.recovery.tokens import RecoveryTokens


def counter_changes(at: Foundation) -> tuple[ChangeKind, ...]:
    """Return the kinds of changes that a counter asks for."""
    stores = at.stores
    own = OwnIdentity(stores.accounts, stores.duplicates)
    return (ProofingExceptions(stores.proofing_cases, stores.identity_records, own, at.clock), _merges(at))


def proofing_and_merging(at: Foundation, four_eyes: FourEyes) -> tuple[Proofing, Merging]:
    """Make the use cases."""
    stores = at.stores
    ports = ProofingStores(
        cases=stores.proofing_cases,
        records=stores.identity_records,
        accounts=stores.accounts,
        duplicates=stores.duplicates,
        changes=stores.change_requests,
        agencies=stores.agency_tree,
        audit=stores.audit_trail,
        looks=RecordLooks(stores.accounts, stores.record_accesses),
        budget=look_up_budget(at),
        register=population_registry(at),
    )
    codes = ActivationCodes(stores.short_lived, at.keys, at.clock, at.entropy)
    recovery = CounterCodes(
        stores.recoveries, stores.authenticators, RecoveryTokens(at.keys, at.entropy), at.clock, at.entropy
    )
    links = IssuedLinks(stores.activation_links, at.clock, at.entropy)
    over = HandOver(codes, links, recovery, stores.own_contacts, stores.short_lived)
    proofing = Proofing(ports, four_eyes, over, at.clock, at.entropy)
    return proofing, Merging(proofing.cases, _merges(at), stores.duplicates, four_eyes)


def _merges(at: Foundation) -> AccountMerges:
    stores = at.stores
    own = OwnIdentity(stores.accounts, stores.duplicates)
    return AccountMerges(stores.accounts, stores.identity_records, stores.duplicates, own, at.clock)
