"""Where registers tell what happened: the endpoint and what it stands on."""

from idp.assembly.protocol_parts import ProtocolParts
from idp.journeys.register_events import RegisterEvents
from idp.protocol.registers.event_delivery import EventDeliveryEndpoint
from idp.protocol.registers.security_event import SecurityEvents


def event_delivery_endpoint(parts: ProtocolParts) -> EventDeliveryEndpoint:
    """Make the endpoint."""
    stores, clock = parts.at.stores, parts.at.clock
    return EventDeliveryEndpoint(
        SecurityEvents(parts.issuer, parts.foreign, parts.client_keys, clock),
        stores.clients,
        RegisterEvents(
            stores.account_locks,
            stores.kept_register_events,
            stores.authorities,
            stores.identity_records,
            stores.audit_trail,
            clock,
        ),
        parts.limit,
        parts.refusals,
    )
