"""The endpoints of requests that a person answers away from the client."""

from idp.adapters.foundation import Foundation
from idp.assembly.protocol_parts import ProtocolParts
from idp.journeys.throttling import Throttling
from idp.ports.notifications import Notifications
from idp.protocol.access_token import AccessTokens
from idp.protocol.ciba.authentication import AuthenticationParts, BackchannelAuthenticationEndpoint
from idp.protocol.ciba.hints import Hints
from idp.protocol.ciba.notifications import NotificationDelivery
from idp.protocol.ciba.push import PushedAnswers, PushParts
from idp.protocol.ciba.request_object import SignedAuthenticationRequests
from idp.protocol.ciba.waiting import WaitingRequests
from idp.protocol.decoupled.requests import DecoupledRequests
from idp.protocol.device_authorization import DeviceAuthorizationEndpoint
from idp.protocol.encrypted_answers import EncryptedAnswers
from idp.protocol.id_token import IdTokens
from idp.protocol.resources import ResourceIndicators
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


def backchannel_authentication_endpoint(
    parts: ProtocolParts, notifications: Notifications
) -> BackchannelAuthenticationEndpoint:
    """Make the endpoint of clients that ask for a person who is elsewhere."""
    at, stores = parts.at, parts.at.stores
    endpoint = BackchannelAuthenticationEndpoint(
        AuthenticationParts(
            authentication=parts.authentication,
            signed_requests=SignedAuthenticationRequests(
                parts.issuer, parts.foreign, parts.client_keys, parts.replay_marks, at.clock
            ),
            hints=Hints(stores.accounts),
            waiting=WaitingRequests(stores.short_lived),
            requests=DecoupledRequests(stores.short_lived, at.keystore.vault()),
            throttling=Throttling(stores.short_lived, at.keys),
            notifications=notifications,
            clients=stores.clients,
            accounts=stores.accounts,
            trail=stores.audit_trail,
            limit=parts.limit,
            refusals=parts.refusals,
            clock=at.clock,
            entropy=at.entropy,
            default_locale=at.settings.default_locale,
        )
    )
    return at.traces.watch(endpoint)


def notification_delivery(at: Foundation, answers: EncryptedAnswers) -> NotificationDelivery:
    """Make what tells clients that somebody decided; `answers` knows their keys."""
    stores, issuer = at.stores, at.settings.issuer
    pushed = PushedAnswers(
        PushParts(
            access_tokens=AccessTokens(issuer, at.signer, at.clock, at.entropy),
            id_tokens=IdTokens(issuer, at.signer, at.keys, at.clock, at.encryption),
            answers=answers,
            resources=ResourceIndicators(issuer, stores.clients),
            grants=stores.grants,
            accounts=stores.accounts,
            keys=at.keys,
            trail=stores.audit_trail,
            clock=at.clock,
        )
    )
    requests = DecoupledRequests(stores.short_lived, at.keystore.vault())
    return NotificationDelivery(stores.client_notifications, requests, stores.clients, pushed, at.outgoing, at.clock)
