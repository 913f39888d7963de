"""The endpoints of requests that a person answers away from the client."""

from idp.assembly.protocol_parts import ProtocolParts
from idp.protocol.decoupled.requests import DecoupledRequests
from idp.protocol.device_authorization import DeviceAuthorizationEndpoint
from idp.protocol.user_codes import UserCodes


def device_authorization_endpoint(parts: ProtocolParts) -> DeviceAuthorizationEndpoint:
    """Make the endpoint that devices ask."""
    at, stores = parts.at, parts.at.stores
    endpoint = DeviceAuthorizationEndpoint(
        issuer=parts.issuer,
        authentication=parts.authentication,
        clients=stores.clients,
        requests=DecoupledRequests(stores.short_lived, at.keystore.vault()),
        user_codes=UserCodes(stores.short_lived, at.keys, at.entropy),
        trail=stores.audit_trail,
        limit=parts.limit,
        refusals=parts.refusals,
        clock=at.clock,
        entropy=at.entropy,
    )
    return at.traces.watch(endpoint)
