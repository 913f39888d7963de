"""Requests that a person answers away from the client: the endpoints, and what the pages decide by."""

from idp.adapters.foundation import Foundation
from idp.assembly.protocol_parts import ProtocolParts
from idp.journeys.throttling import Throttling
from idp.ports.notifications import Notifications
from idp.protocol.ciba.approvals import Approvals
from idp.protocol.ciba.authentication import AuthenticationParts, BackchannelAuthenticationEndpoint
from idp.protocol.ciba.hints import Hints
from idp.protocol.ciba.notifications import NotificationDelivery
from idp.protocol.ciba.push import PushedAnswers, PushParts
from idp.protocol.ciba.request_object import SignedAuthenticationRequests
from idp.protocol.ciba.waiting import WaitingRequests
from idp.protocol.decoupled.decision import DecoupledDecisions
from idp.protocol.decoupled.device_authorization import DeviceAuthorizationEndpoint
from idp.protocol.decoupled.requests import DecoupledRequests
from idp.protocol.decoupled.user_codes import UserCodes
from idp.protocol.resources.resources import ResourceIndicators
from idp.protocol.tokens.access_token import AccessTokens
from idp.protocol.tokens.encrypted_answers import EncryptedAnswers
from idp.protocol.tokens.id_token import IdTokens


def decoupled_requests(at: Foundation) -> DecoupledRequests:
    """Make what keeps the requests."""
    return DecoupledRequests(at.stores.short_lived, at.vault)


def decoupled_decisions(at: Foundation) -> DecoupledDecisions:
    """Make what carries out what people decide."""
    stores = at.stores
    decisions = DecoupledDecisions(
        decoupled_requests(at),
        stores.clients,
        stores.consents,
        stores.accounts,
        stores.audit_trail,
        at.clock,
        at.entropy,
    )
    return at.traces.watch(decisions)


def approvals(at: Foundation) -> Approvals:
    """Make what knows the backchannel requests that wait for each person."""
    stores = at.stores
    waiting, throttling = WaitingRequests(stores.short_lived), Throttling(stores.short_lived, at.keys)
    made = Approvals(waiting, decoupled_decisions(at), stores.client_notifications, throttling, at.clock)
    return at.traces.watch(made)


def device_authorization_endpoint(parts: ProtocolParts) -> DeviceAuthorizationEndpoint:
    """Make the endpoint that devices ask."""
    at, stores = parts.at, parts.at.stores
    endpoint = DeviceAuthorizationEndpoint(
        issuer=parts.issuer,
        calls=parts.calls,
        clients=stores.clients,
        assurance=parts.assurance,
        requests=decoupled_requests(at),
        user_codes=UserCodes(stores.short_lived, at.keys, at.entropy),
        trail=stores.audit_trail,
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
            calls=parts.calls,
            signed_requests=SignedAuthenticationRequests(
                parts.issuer, parts.foreign, parts.client_keys, parts.replay_marks, at.clock
            ),
            hints=Hints(stores.accounts),
            waiting=WaitingRequests(stores.short_lived),
            requests=decoupled_requests(at),
            throttling=Throttling(stores.short_lived, at.keys),
            notifications=notifications,
            clients=stores.clients,
            assurance=parts.assurance,
            accounts=stores.accounts,
            trail=stores.audit_trail,
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
    return NotificationDelivery(
        stores.client_notifications, decoupled_requests(at), stores.clients, pushed, at.outgoing, at.clock
    )
