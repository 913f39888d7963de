"""OpenID Connect CIBA Core section 7.1: the parameters of an authentication request, each checked by one small step."""

import re
from collections.abc import Mapping
from typing import Any, Final

from idp.domain.clients.client import Client
from idp.domain.invisible_characters import has_invisible
from idp.ports.clients import Clients
from idp.protocol.authorize.authorization_details import refuse_authorization_details
from idp.protocol.authorize.check_parameters import check_scope
from idp.protocol.claims.scopes import OPENID
from idp.protocol.decoupled.errors import InvalidBindingMessageError
from idp.protocol.decoupled.request import AS_BY_CODE
from idp.protocol.errors import InvalidRequestError, InvalidScopeError

UNDERSTOOD: Final = frozenset(
    {
        "scope",
        "client_notification_token",
        "acr_values",
        "login_hint_token",
        "id_token_hint",
        "login_hint",
        "binding_message",
        "user_code",
        "requested_expiry",
    }
)

POLL: Final = "poll"
PING: Final = "ping"
PUSH: Final = "push"

LONGEST_LIFETIME: Final = 600
DEFAULT_LIFETIME: Final = 300
"""Seconds that a person has to decide."""

LONGEST_BINDING_MESSAGE: Final = 200
"""Characters."""

_LONGEST_NUMBER: Final = 10
_NUMBERS: Final = frozenset({"requested_expiry"})
# RFC 6750 section 2.1: what a bearer token is made of; CIBA Core section 7.1 bounds it to 1,024 characters.
_BEARER_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/-]{1,1023}=*")
_LONGEST_BEARER_TOKEN: Final = 1024


def parameters_of(claims: Mapping[str, Any]) -> dict[str, str]:
    """Return the parameters of a signed request as text. Raises `OAuthError` for what cannot be granted or read."""
    refuse_authorization_details(claims)
    return {name: _text(name, claims[name]) for name in sorted(UNDERSTOOD & claims.keys())}


def require_nothing_beside(parameters: Mapping[str, str]) -> None:
    """Refuse a signed request that says more outside of what was signed."""
    # Section 7.1.1: "Authentication request parameters MUST NOT be present outside of the JWT" but for those of client
    # authentication.
    if UNDERSTOOD & parameters.keys():
        raise InvalidRequestError("With a signed request, every other parameter stands in it.")


async def check_scopes(clients: Clients, client: Client, parameters: Mapping[str, str]) -> tuple[str, ...]:
    """The scopes that can be granted."""
    scopes = await check_scope(clients, client, {"scope": parameters.get("scope", "")}, AS_BY_CODE)
    # Section 7.1: "CIBA authentication requests MUST therefore contain the openid scope value."
    if OPENID not in scopes:
        raise InvalidScopeError("The scope openid is required.")
    return scopes


def check_user_code(parameters: Mapping[str, str]) -> None:
    """No person has a code for this here: approving takes a sign-in (`backchannel_user_code_parameter_supported`)."""
    if "user_code" in parameters:
        raise InvalidRequestError("The user_code parameter is not supported.")


def check_binding_message(parameters: Mapping[str, str]) -> str:
    """What the person sees on both sides."""
    message = parameters.get("binding_message", "")
    is_seen = message.isprintable() and message == message.strip() and not has_invisible(message)
    if len(message) > LONGEST_BINDING_MESSAGE or not is_seen:
        raise InvalidBindingMessageError
    return message


def check_requested_expiry(parameters: Mapping[str, str]) -> int:
    """Seconds; more than the longest time is cut down to it."""
    text = parameters.get("requested_expiry")
    if text is None:
        return DEFAULT_LIFETIME
    # Section 7.1: "A positive integer allowing the Client to request the expires_in value for the auth_req_id".
    if not (text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER and int(text) > 0):
        raise InvalidRequestError("The requested_expiry is not a positive number of seconds.")
    return min(int(text), LONGEST_LIFETIME)


def check_notification_token(client: Client, parameters: Mapping[str, str]) -> str:
    """The bearer token that a notification is sent with; polling clients need none."""
    if client.ciba_delivery_mode == POLL:
        return ""
    # Section 7.1, client_notification_token: "REQUIRED if the Client is registered to use Ping or Push modes."
    token = parameters.get("client_notification_token", "")
    if len(token) > _LONGEST_BEARER_TOKEN or not _BEARER_TOKEN.fullmatch(token):
        raise InvalidRequestError("The client_notification_token is missing or malformed.")
    return token


def _text(name: str, value: object) -> str:
    if isinstance(value, str) and "\0" not in value:
        return value
    # Section 7.1.1 shows requested_expiry as text; some clients send a number.
    if name in _NUMBERS and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise InvalidRequestError(f"The {name} of the signed request is malformed.")
