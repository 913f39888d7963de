"""Every protocol endpoint for machines."""

from typing import Final

from idp.assembly.authorization import pushed_authorization_endpoint
from idp.assembly.decoupled import backchannel_authentication_endpoint, device_authorization_endpoint
from idp.assembly.protocol_parts import ProtocolParts
from idp.assembly.registers import event_delivery_endpoint
from idp.assembly.registration import registration_endpoints
from idp.assembly.token_endpoint import token_endpoint
from idp.domain.levels.assurance import reach_of
from idp.ports.clients import Clients
from idp.ports.notifications import Notifications
from idp.protocol.authorize import pushed_authorization_request as par
from idp.protocol.ciba import authentication as ciba
from idp.protocol.decoupled import device_authorization
from idp.protocol.discovery import (
    JWKS_PATH,
    OAUTH_METADATA_PATH,
    OPENID_CONFIGURATION_PATH,
    PUSHED_AUTHORIZATION_PATH,
    REVOCATION_PATH,
    TOKEN_PATH,
    USERINFO_PATH,
    ProviderMetadata,
)
from idp.protocol.resources.protected_resource import PROTECTED_RESOURCE_PATH, ProtectedResourceMetadata
from idp.protocol.resources.userinfo import UserinfoEndpoint
from idp.protocol.tokens.introspection import IntrospectionEndpoint
from idp.protocol.tokens.introspection_jwt import IntrospectionJwts
from idp.protocol.tokens.revocation import RevocationEndpoint
from idp.web.client_endpoint import ClientRoutes
from idp.web.edge.cross_origin import for_browsers, for_everybody
from idp.web.edge.headers import SecurityHeaders
from idp.web.edge.router import Route
from idp.web.event_delivery_endpoint import event_delivery_route
from idp.web.oauth import OAuthEndpoints, oauth_routes
from idp.web.registration_endpoint import registration_route
from idp.web.views.common import LOCALES

_CREATED: Final = 201
_DOCUMENTS: Final = {OPENID_CONFIGURATION_PATH, OAUTH_METADATA_PATH, PROTECTED_RESOURCE_PATH, JWKS_PATH}
_CALLED_BY_SCRIPTS: Final = {TOKEN_PATH, USERINFO_PATH, REVOCATION_PATH, PUSHED_AUTHORIZATION_PATH}


def machine_routes(parts: ProtocolParts, security: SecurityHeaders, notifications: Notifications) -> tuple[Route, ...]:
    """Return the routes of every endpoint that machines ask."""
    clients = ClientRoutes(parts.issuer, parts.at.keys, security)
    pushed = clients.route(
        PUSHED_AUTHORIZATION_PATH, par.ENDPOINT, pushed_authorization_endpoint(parts), status=_CREATED
    )
    device = clients.route(
        device_authorization.PATH, device_authorization.ENDPOINT, device_authorization_endpoint(parts)
    )
    backchannel = clients.route(
        ciba.PATH, ciba.ENDPOINT, backchannel_authentication_endpoint(parts, notifications), repeatable=frozenset()
    )
    register, manage = registration_endpoints(parts)
    registration = registration_route(register, manage, parts.issuer, parts.at.keys, security)
    registers = event_delivery_route(event_delivery_endpoint(parts), parts.at.keys, security)
    routes = (*oauth_routes(oauth_endpoints(parts), security), pushed, device, backchannel, registration, registers)
    return tuple(_for_browsers(route, parts.at.stores.clients, security) for route in routes)


def _for_browsers(route: Route, clients: Clients, security: SecurityHeaders) -> Route:
    """Return the route as scripts may call it, or as it is."""
    if route.path in _DOCUMENTS:
        return for_everybody(route, security.document)
    if route.path in _CALLED_BY_SCRIPTS:
        return for_browsers(route, clients.allows_origin, security.protocol)
    return route


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
            acting=parts.acting,
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
            parts.calls,
            parts.token_state,
            at.keys,
            parts.acting,
            stores.audit_trail,
            IntrospectionJwts(issuer, at.signer, at.clock, parts.encrypted_answers),
        ),
        revocation=RevocationEndpoint(parts.calls, parts.access_tokens, stores.grants, at.clock),
        metadata=ProviderMetadata(
            issuer, at.signer, LOCALES, legacy=at.settings.legacy_response_types, reach=reach_of(at.methods)
        ),
        resource=ProtectedResourceMetadata(issuer, at.signer),
        signer=at.signer,
        keys=at.keys,
    ).watched(at.traces.watch)
