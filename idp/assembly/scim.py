"""The SCIM interface, made once."""

from starlette.routing import Route

from idp.assembly.officers import joining
from idp.assembly.protocol_parts import ProtocolParts
from idp.journeys.provisioning import Provisioning
from idp.journeys.throttling import Throttling
from idp.protocol.scim.access import ScimAccess
from idp.protocol.scim.service import ScimUsers
from idp.web.edge.headers import SecurityHeaders
from idp.web.scim import ScimEndpoints


def scim_routes(parts: ProtocolParts, security: SecurityHeaders) -> tuple[Route, ...]:
    """Return the routes under `/scim/v2`."""
    at, stores = parts.at, parts.at.stores
    provisioning = Provisioning(
        officers=stores.officers,
        provisioned=stores.provisioned_officers,
        joining=joining(at),
        agencies=stores.agencies,
        tree=stores.agency_tree,
        throttling=Throttling(stores.short_lived, at.keys),
        clock=at.clock,
    )
    users = ScimUsers(
        issuer=parts.issuer,
        provisioning=provisioning,
        provisioned=stores.provisioned_officers,
        officers=stores.officers,
        agencies=stores.agencies,
        audit=stores.audit_trail,
        clock=at.clock,
    )
    access = ScimAccess(parts.issuer, parts.token_state, parts.constraints, parts.refusals)
    return ScimEndpoints(parts.issuer, access, users, at.keys, security).routes()
