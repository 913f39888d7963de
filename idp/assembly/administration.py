"""The use cases of the administrators' console, made once."""

from idp.adapters.key_register import KeystoreRegister
from idp.adapters.key_trail import KeyTrail
from idp.assembly.authorities import authority_desk, confirm_guardianship
from idp.assembly.clients import client_changes, client_desk
from idp.assembly.corrections import correct_record, correction_desk
from idp.assembly.counter import counter_changes, proofing_and_merging
from idp.assembly.locks import carry_out_lock, lock_desk
from idp.assembly.officers import (
    agency_administration,
    officer_administration,
    officer_search,
    role_changes,
    role_requests,
    safety_reviews,
)
from idp.assembly.people import people_room
from idp.assembly.protocol_parts import ProtocolParts
from idp.domain.levels.assurance import reach_of
from idp.journeys.administration.administrator import Administrators
from idp.journeys.administration.audit_search import AuditSearch
from idp.journeys.administration.four_eyes import ChangeKind, FourEyes
from idp.journeys.administration.keys import KeyDesk, RetireKey, RotateKeys
from idp.journeys.administration.policies import ChangePolicy, PolicyDesk, PolicyParts
from idp.journeys.administration.reports import Reports
from idp.journeys.journey_counter import JourneyCounter
from idp.ports.key_register import KeyRegister
from idp.protocol.resources.administration_access import AdministrationAccess
from idp.protocol.tokens.sign_in_strength import SignInStrength
from idp.web.console.parts import Administration


def administration(parts: ProtocolParts) -> Administration:
    """Make the use cases."""
    at, stores = parts.at, parts.at.stores
    administrators = Administrators(stores.accounts)
    trail = KeyTrail(at.keystore, stores.told_keys, at.clock)
    register = KeystoreRegister(at.keystore, trail, rotation_days=at.settings.key_rotation_days)
    four_eyes = _four_eyes(parts, register)
    proofing, merging = proofing_and_merging(at, four_eyes)
    return Administration(
        issuer=parts.issuer,
        administrators=administrators,
        access=_access(parts),
        four_eyes=four_eyes,
        proofing=proofing,
        merging=merging,
        audit_search=AuditSearch(stores.audit_history, stores.audit_trail),
        keys=KeyDesk(register, four_eyes),
        journey_counter=JourneyCounter(stores.journey_counts, at.clock),
        reports=Reports(stores.sign_in_facts, stores.journey_counts, at.clock),
        locks=lock_desk(at, four_eyes),
        corrections=correction_desk(at, four_eyes),
        policies=policy_desk(parts, four_eyes),
        clients=stores.clients,
        people=people_room(at),
        client_desk=client_desk(at, four_eyes),
        officers=officer_administration(at),
        officer_search=officer_search(at),
        agencies=agency_administration(at),
        role_requests=role_requests(at, four_eyes),
        safety_reviews=safety_reviews(at),
        authorities=authority_desk(at, four_eyes),
        accounts=stores.accounts,
        clock=at.clock,
    )


def _access(parts: ProtocolParts) -> AdministrationAccess:
    strength = SignInStrength(parts.at.stores.assurance_policies)
    return AdministrationAccess(
        parts.issuer, parts.token_state, parts.constraints, strength, parts.refusals, parts.at.clock
    )


def _four_eyes(parts: ProtocolParts, register: KeyRegister) -> FourEyes:
    at, stores = parts.at, parts.at.stores
    kinds = change_kinds(parts, register)
    return FourEyes(
        stores.change_requests,
        kinds,
        stores.agency_tree,
        stores.audit_trail,
        stores.accounts,
        at.clock,
        at.entropy,
        askers=Administrators(stores.accounts),
    )


def change_kinds(parts: ProtocolParts, register: KeyRegister) -> tuple[ChangeKind, ...]:
    """Return every kind of change that needs two administrators."""
    return (
        RotateKeys(register),
        RetireKey(register),
        carry_out_lock(parts.at),
        correct_record(parts.at),
        *client_changes(parts.at),
        *counter_changes(parts.at),
        confirm_guardianship(parts.at),
        *role_changes(parts.at),
        ChangePolicy(parts.at.stores.assurance_policies, parts.at.clock),
    )


def policy_desk(parts: ProtocolParts, four_eyes: FourEyes) -> PolicyDesk:
    """Make what the room of policies asks."""
    at, stores = parts.at, parts.at.stores
    return PolicyDesk(
        PolicyParts(
            policies=stores.assurance_policies,
            facts=stores.sign_in_facts,
            clients=stores.clients,
            four_eyes=four_eyes,
            audit=stores.audit_trail,
            clock=at.clock,
            reach=reach_of(at.methods),
        )
    )
