"""The token endpoint with its grants."""

from typing import Any

from idp.assembly.decoupled import decoupled_requests
from idp.assembly.protocol_parts import ProtocolParts
from idp.protocol.decoupled.polled_grant import PolledGrant, PolledKind
from idp.protocol.discovery import TOKEN_PATH
from idp.protocol.grants import (
    authorization_code,
    ciba,
    client_credentials,
    device_code,
    jwt_bearer,
    refresh_token,
    token_exchange,
)
from idp.protocol.tokens.refresh_grace import RefreshGrace
from idp.protocol.tokens.sign_in_strength import SignInStrength
from idp.protocol.tokens.token import GrantType, TokenEndpoint


def token_endpoint(parts: ProtocolParts) -> TokenEndpoint:
    """Make the endpoint."""
    watch = parts.at.traces.watch
    grants: dict[str, GrantType[Any]] = {
        authorization_code.GRANT_TYPE: watch(authorization_code_grant(parts)),
        refresh_token.GRANT_TYPE: watch(refresh_token_grant(parts)),
        client_credentials.GRANT_TYPE: watch(client_credentials_grant(parts)),
        device_code.GRANT_TYPE: watch(polled_grant(parts, device_code.DEVICE_CODE)),
        ciba.GRANT_TYPE: watch(polled_grant(parts, ciba.CIBA)),
        token_exchange.GRANT_TYPE: watch(token_exchange_grant(parts)),
        jwt_bearer.GRANT_TYPE: watch(jwt_bearer_grant(parts)),
    }
    return TokenEndpoint(parts.authentication, parts.constraints, grants, parts.limit, parts.refusals)


def authorization_code_grant(parts: ProtocolParts) -> authorization_code.AuthorizationCodeGrant:
    """Make the grant of a code."""
    return authorization_code.AuthorizationCodeGrant(parts.codes, parts.resources, parts.new_grants, parts.at.clock)


def refresh_token_grant(parts: ProtocolParts) -> refresh_token.RefreshTokenGrant:
    """Make the grant of a refresh token."""
    stores = parts.at.stores
    return refresh_token.RefreshTokenGrant(
        stores.grants,
        stores.accounts,
        parts.resources,
        parts.refresh_tokens,
        RefreshGrace(stores.short_lived, parts.at.clock),
        parts.user_tokens,
        SignInStrength(stores.assurance_policies),
        parts.at.clock,
    )


def client_credentials_grant(parts: ProtocolParts) -> client_credentials.ClientCredentialsGrant:
    """Make the grant of a client's own."""
    return client_credentials.ClientCredentialsGrant(parts.resources, parts.client_tokens)


def polled_grant(parts: ProtocolParts, kind: PolledKind) -> PolledGrant:
    """Make the grant of requests that a person answers elsewhere."""
    return PolledGrant(
        kind,
        decoupled_requests(parts.at),
        parts.at.stores.grants,
        parts.resources,
        parts.new_grants,
        parts.at.clock,
    )


def token_exchange_grant(parts: ProtocolParts) -> token_exchange.TokenExchangeGrant:
    """Make the grant of tokens for tokens."""
    stores = parts.at.stores
    return token_exchange.TokenExchangeGrant(
        state=parts.token_state,
        accounts=stores.accounts,
        acting=parts.acting,
        resources=parts.resources,
        access_tokens=parts.access_tokens,
        keys=parts.at.keys,
        trail=stores.audit_trail,
        strength=SignInStrength(stores.assurance_policies),
        clock=parts.at.clock,
    )


def jwt_bearer_grant(parts: ProtocolParts) -> jwt_bearer.JwtBearerGrant:
    """Make the grant of assertions."""
    return jwt_bearer.JwtBearerGrant(
        audiences=frozenset({parts.issuer, parts.issuer + TOKEN_PATH}),
        foreign=parts.foreign,
        keys=parts.client_keys,
        marks=parts.replay_marks,
        resources=parts.resources,
        tokens=parts.client_tokens,
        clock=parts.at.clock,
    )
