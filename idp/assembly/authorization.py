"""The authorization endpoint's part of the protocol, and the endpoint where requests are pushed."""

from idp.assembly.protocol_parts import ProtocolParts
from idp.protocol.authorize.front_channel import FrontChannelTokens
from idp.protocol.authorize.incoming import IncomingRequests
from idp.protocol.authorize.pipeline import AuthorizationRequestValidator
from idp.protocol.authorize.pushed_authorization_request import PushedAuthorizationEndpoint
from idp.protocol.authorize.request_object import RequestObjects
from idp.protocol.authorize.request_uri import RequestReferences
from idp.protocol.authorize.response import AuthorizationResponder
from idp.protocol.authorize.signed_response import SignedResponses
from idp.protocol.authorize.stored_requests import StoredRequests
from idp.protocol.logout.session_management import SessionStates
from idp.web.pages.signing_in.authorize import AuthorizationParts


def authorization_parts(parts: ProtocolParts) -> AuthorizationParts:
    """Make what `/authorize` asks."""
    at = parts.at
    responder = AuthorizationResponder(
        codes=parts.codes,
        front_channel=_front_channel_tokens(parts),
        stored=stored_requests(parts),
        signed=signed_responses(parts),
        session_states=SessionStates(at.keys, at.entropy),
        audit=at.stores.audit_trail,
        clock=at.clock,
        entropy=at.entropy,
        issuer=parts.issuer,
    )
    return AuthorizationParts(
        incoming=incoming_requests(parts),
        validator=at.traces.watch(request_validator(parts)),
        responder=at.traces.watch(responder),
    )


def pushed_authorization_endpoint(parts: ProtocolParts) -> PushedAuthorizationEndpoint:
    """Make the endpoint of RFC 9126."""
    return PushedAuthorizationEndpoint(
        calls=parts.calls,
        incoming=incoming_requests(parts),
        proofs=parts.proofs,
        validator=request_validator(parts),
        stored=stored_requests(parts),
        trail=parts.at.stores.audit_trail,
    )


def request_validator(parts: ProtocolParts) -> AuthorizationRequestValidator:
    """Make what checks requests."""
    legacy = parts.at.settings.legacy_response_types
    return AuthorizationRequestValidator(
        parts.at.stores.clients, parts.id_tokens, signed_responses(parts), parts.assurance, legacy=legacy
    )


def _front_channel_tokens(parts: ProtocolParts) -> FrontChannelTokens:
    stores = parts.at.stores
    return FrontChannelTokens(
        access_tokens=parts.access_tokens,
        id_tokens=parts.id_tokens,
        answers=parts.encrypted_answers,
        resources=parts.resources,
        keys=parts.at.keys,
        accounts=stores.accounts,
        acting=parts.acting,
        grants=stores.grants,
        entropy=parts.at.entropy,
    )


def incoming_requests(parts: ProtocolParts) -> IncomingRequests:
    """Make what finds out what is asked."""
    objects = RequestObjects(
        issuer=parts.issuer,
        tokens=parts.foreign,
        keys=parts.client_keys,
        encryption=parts.encryption,
        marks=parts.replay_marks,
        clock=parts.at.clock,
    )
    references = RequestReferences(parts.at.outgoing)
    return IncomingRequests(parts.at.stores.clients, stored_requests(parts), objects, references)


def signed_responses(parts: ProtocolParts) -> SignedResponses:
    """Make what signs responses."""
    return SignedResponses(parts.issuer, parts.at.signer, parts.encrypted_answers, parts.at.clock)


def stored_requests(parts: ProtocolParts) -> StoredRequests:
    """Make what keeps requests; it holds nothing itself."""
    at = parts.at
    return StoredRequests(at.stores.short_lived, at.vault, at.clock, at.entropy)
