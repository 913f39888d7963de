"""The use cases of the administrators' console, made once."""

from idp.assembly.protocol_parts import ProtocolParts
from idp.journeys.administration.administrator import Administrators
from idp.journeys.administration.four_eyes import ChangeKind, FourEyes
from idp.protocol.administration_access import AdministrationAccess
from idp.web.console.parts import Administration


def administration(parts: ProtocolParts) -> Administration:
    """Make the use cases."""
    at, stores = parts.at, parts.at.stores
    administrators = Administrators(stores.accounts)
    return Administration(
        administrators=administrators,
        access=AdministrationAccess(parts.issuer, parts.token_state, parts.constraints, parts.refusals),
        four_eyes=FourEyes(
            stores.change_requests, change_kinds(parts), stores.agency_tree, stores.audit_trail, at.clock, at.entropy
        ),
        accounts=stores.accounts,
        clock=at.clock,
    )


def change_kinds(_parts: ProtocolParts) -> tuple[ChangeKind, ...]:
    """Return every kind of change that needs two administrators."""
    return ()
