"""Every protocol endpoint for machines."""

from idp.assembly.authorization import pushed_authorization_endpoint
from idp.assembly.decoupled import backchannel_authentication_endpoint, device_authorization_endpoint
from idp.assembly.protocol_parts import ProtocolParts
from idp.assembly.registration import registration_endpoints
from idp.assembly.token_endpoint import token_endpoint
from idp.ports.notifications import Notifications
from idp.protocol.discovery import ProviderMetadata
from idp.protocol.introspection import IntrospectionEndpoint
from idp.protocol.introspection_jwt import IntrospectionJwts
from idp.protocol.protected_resource import ProtectedResourceMetadata
from idp.protocol.revocation import RevocationEndpoint
from idp.protocol.userinfo import UserinfoEndpoint
from idp.web.backchannel_endpoint import backchannel_route
from idp.web.device_endpoint import device_route
from idp.web.edge.headers import SecurityHeaders
from idp.web.edge.router import Route
from idp.web.oauth import OAuthEndpoints, oauth_routes
from idp.web.pushed_authorization_endpoint import pushed_authorization_route
from idp.web.registration_endpoint import registration_route
from idp.web.views.common import LOCALES


def machine_routes(parts: ProtocolParts, security: SecurityHeaders, notifications: Notifications) -> tuple[Route, ...]:
    """Return the routes of every endpoint that machines ask."""
    pushed = pushed_authorization_route(pushed_authorization_endpoint(parts), parts.issuer, parts.at.keys, security)
    device = device_route(device_authorization_endpoint(parts), parts.issuer, parts.at.keys, security)
    backchannel = backchannel_route(
        backchannel_authentication_endpoint(parts, notifications), parts.issuer, parts.at.keys, security
    )
    register, manage = registration_endpoints(parts)
    registration = registration_route(register, manage, parts.issuer, parts.at.keys, security)
    return (*oauth_routes(oauth_endpoints(parts), security), pushed, device, backchannel, registration)


def oauth_endpoints(parts: ProtocolParts) -> OAuthEndpoints:
    """Make the endpoints."""
    at, stores, issuer = parts.at, parts.at.stores, parts.issuer
    return OAuthEndpoints(
        issuer=issuer,
        token=token_endpoint(parts),
        userinfo=UserinfoEndpoint(
            issuer=issuer,
            state=parts.token_state,
            constraints=parts.constraints,
            accounts=stores.accounts,
            keys=at.keys,
            signer=at.signer,
            trail=stores.audit_trail,
            limit=parts.limit,
            refusals=parts.refusals,
            answers=parts.encrypted_answers,
            clock=at.clock,
        ),
        introspection=IntrospectionEndpoint(
            issuer,
            parts.authentication,
            parts.token_state,
            at.keys,
            stores.audit_trail,
            parts.limit,
            parts.refusals,
            IntrospectionJwts(issuer, at.signer, at.clock, parts.encrypted_answers),
        ),
        revocation=RevocationEndpoint(
            parts.authentication, parts.access_tokens, stores.grants, parts.limit, parts.refusals, at.clock
        ),
        metadata=ProviderMetadata(issuer, at.signer, LOCALES, legacy=at.settings.legacy_response_types),
        resource=ProtectedResourceMetadata(issuer, at.signer),
        signer=at.signer,
        keys=at.keys,
    ).watched(at.traces.watch)
