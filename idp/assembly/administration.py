"""The use cases of the administrators' console, made once."""

from idp.adapters.key_register import KeystoreRegister
from idp.assembly.protocol_parts import ProtocolParts
from idp.journeys.administration.administrator import Administrators
from idp.journeys.administration.audit_search import AuditSearch
from idp.journeys.administration.four_eyes import ChangeKind, FourEyes
from idp.journeys.administration.keys import KeyDesk, RetireKey, RotateKeys
from idp.ports.key_register import KeyRegister
from idp.protocol.administration_access import AdministrationAccess
from idp.web.console.parts import Administration


def administration(parts: ProtocolParts) -> Administration:
    """Make the use cases."""
    at, stores = parts.at, parts.at.stores
    administrators = Administrators(stores.accounts)
    register = KeystoreRegister(at.keystore, stores.audit_trail, rotation_days=at.settings.key_rotation_days)
    four_eyes = FourEyes(
        stores.change_requests,
        change_kinds(parts, register),
        stores.agency_tree,
        stores.audit_trail,
        at.clock,
        at.entropy,
    )
    return Administration(
        administrators=administrators,
        access=AdministrationAccess(parts.issuer, parts.token_state, parts.constraints, parts.refusals),
        four_eyes=four_eyes,
        audit_search=AuditSearch(stores.audit_history, stores.audit_trail),
        keys=KeyDesk(register, four_eyes),
        accounts=stores.accounts,
        clock=at.clock,
    )


def change_kinds(_parts: ProtocolParts, register: KeyRegister) -> tuple[ChangeKind, ...]:
    """Return every kind of change that needs two administrators."""
    return (RotateKeys(register), RetireKey(register))
