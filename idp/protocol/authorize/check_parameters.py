"""OpenID Connect Core section 3.1.2.2: the parameters of an authorization request, each checked by one small step.

Every step returns the checked value or raises the `OAuthError` that is sent back to the client.
"""

import re
from collections.abc import Iterable, Mapping

from idp.domain.clients.client import Client
from idp.domain.clients.client_policy import POLICIES, ClientProfile
from idp.ports.clients import Clients
from idp.protocol.claims.claims import NOTHING_REQUESTED, ClaimsRequest, parse_claims_parameter
from idp.protocol.claims.scopes import OFFLINE_ACCESS, OPENID, PROVIDER_SCOPES, claims_allowed, parse_scope
from idp.protocol.errors import (
    InvalidRequestError,
    InvalidScopeError,
    InvalidTargetError,
    RegistrationNotSupportedError,
    UnauthorizedClientError,
    UnsupportedResponseTypeError,
)

PROMPTS = frozenset({"none", "login", "consent", "select_account"})
_LONGEST_NONCE = 1024
_LONGEST_HINT = 320
_LONGEST_MAX_AGE = 10
_MOST_RESOURCES = 10
_SHA256 = re.compile(r"[A-Za-z0-9_-]{43}")
"""A SHA-256 digest in base64url: what an S256 challenge and a key's thumbprint look like."""


def check_unsupported(parameters: Mapping[str, str]) -> None:
    """OpenID Connect Core section 7.2.1: what is not supported is refused by name."""
    if "registration" in parameters:
        raise RegistrationNotSupportedError


def check_response_type(client: Client, parameters: Mapping[str, str], *, legacy: bool) -> frozenset[str]:
    """What is to be returned: a code, and where the deployment (`legacy`) and the client's profile allow it, tokens."""
    response_type = parameters.get("response_type")
    if response_type is None:
        raise InvalidRequestError("The response_type parameter is missing.")
    # RFC 6749 section 3.1.1: "a space-delimited list of values, where the order of values does not matter".
    words = frozenset(response_type.split())
    supported = POLICIES[ClientProfile.LEGACY if legacy else ClientProfile.DEFAULT].response_types
    if words not in _as_words(supported) or len(words) != len(response_type.split()):
        raise UnsupportedResponseTypeError
    if words not in _as_words(client.policy.response_types) or words not in _as_words(client.response_types):
        raise UnauthorizedClientError
    if "code" in words and "authorization_code" not in client.grant_types:
        raise UnauthorizedClientError
    if words - {"code"} and "implicit" not in client.grant_types:
        raise UnauthorizedClientError
    # RFC 9700 section 2.1.2: nothing binds a token that comes through the browser to a key of the client's.
    if "token" in words and client.needs_sender_constraint:
        raise UnauthorizedClientError
    return words


def _as_words(response_types: Iterable[str]) -> frozenset[frozenset[str]]:
    return frozenset(frozenset(each.split()) for each in response_types)


async def check_scope(
    clients: Clients, client: Client, parameters: Mapping[str, str], response_types: frozenset[str]
) -> tuple[str, ...]:
    """The scopes that can be granted.

    RFC 6749 section 3.3 lets the server ignore scopes, OpenID Connect Core section 3.1.2.1 asks it to ignore those that
    it does not know: what is unknown or not registered for the client falls away, and the token response says so.
    """
    asked = parse_scope(parameters.get("scope", ""))
    known = frozenset(PROVIDER_SCOPES).union(*(resource.scopes for resource in await clients.resources()))
    granted = tuple(scope for scope in asked if scope in known and scope in client.scopes)
    # OpenID Connect Core section 11: the server "MUST ignore the offline_access request unless the Client is using a
    # response_type value that would result in an Authorization Code being returned".
    if "refresh_token" not in client.grant_types or "code" not in response_types:
        granted = tuple(scope for scope in granted if scope != OFFLINE_ACCESS)
    # RFC 9396 section 2: details may be asked for beside scopes, or in their place.
    if "id_token" in response_types and OPENID not in granted:
        raise InvalidScopeError("An ID token needs the scope openid.")
    if not granted and (asked or "authorization_details" not in parameters):
        raise InvalidScopeError
    return granted


def check_prompt(parameters: Mapping[str, str]) -> frozenset[str]:
    """The prompts, `none` alone or not at all."""
    prompts = frozenset(parameters.get("prompt", "").split())
    if not prompts <= PROMPTS:
        raise InvalidRequestError("The prompt parameter has an unknown value.")
    # OpenID Connect Core section 3.1.2.1: "If this parameter contains none with any other value, an error is returned."
    if "none" in prompts and len(prompts) > 1:
        raise InvalidRequestError("The prompt none excludes every other.")
    return prompts


def check_max_age(client: Client, parameters: Mapping[str, str]) -> int | None:
    """Seconds; the client's `default_max_age` when the request has none."""
    text = parameters.get("max_age")
    if text is None:
        return client.default_max_age
    if not (text.isascii() and text.isdecimal() and len(text) <= _LONGEST_MAX_AGE):
        raise InvalidRequestError("The max_age parameter is not a number of seconds.")
    return int(text)


def check_pkce(client: Client, parameters: Mapping[str, str], response_types: frozenset[str]) -> str | None:
    """RFC 7636 section 4.4.1: the code challenge, required of public clients and of whoever registered so."""
    if "code" not in response_types:
        return None
    challenge = parameters.get("code_challenge")
    if challenge is None:
        if "code_challenge_method" in parameters:
            raise InvalidRequestError("The code_challenge parameter is missing.")
        # "If the server requires Proof Key for Code Exchange (PKCE) ... MUST return the authorization error
        # response with the error value set to invalid_request."
        if client.is_public or client.require_pkce or client.policy.needs_pkce:
            raise InvalidRequestError("This client must send a code_challenge.")
        return None
    if parameters.get("code_challenge_method", "plain") != "S256":
        raise InvalidRequestError("The code_challenge_method must be S256.")
    if not _SHA256.fullmatch(challenge):
        raise InvalidRequestError("The code_challenge is malformed.")
    return challenge


def check_nonce(parameters: Mapping[str, str], response_types: frozenset[str]) -> str | None:
    """Opaque to us; bounded."""
    nonce = parameters.get("nonce")
    # OpenID Connect Core section 3.2.2.1: where the ID token comes through the browser, nonce is REQUIRED.
    if nonce is None and "id_token" in response_types:
        raise InvalidRequestError("The nonce parameter is missing.")
    if nonce is not None and len(nonce) > _LONGEST_NONCE:
        raise InvalidRequestError("The nonce parameter is too long.")
    return nonce


def check_key_thumbprint(parameters: Mapping[str, str]) -> str | None:
    """RFC 9449 section 10: the thumbprint of the DPoP key that alone may redeem the code."""
    thumbprint = parameters.get("dpop_jkt")
    if thumbprint is not None and not _SHA256.fullmatch(thumbprint):
        raise InvalidRequestError("The dpop_jkt is not the SHA-256 thumbprint of a key.")
    return thumbprint


async def check_resources(clients: Clients, client: Client, resources: tuple[str, ...]) -> tuple[str, ...]:
    """RFC 8707 section 2: every resource asked for is one that we know, and where the client may do something."""
    if len(resources) > _MOST_RESOURCES:
        raise InvalidTargetError("Too many resources.")
    for audience in resources:
        resource = await clients.resource(audience)
        if resource is None:
            raise InvalidTargetError
        # A token without scope still tells that API who somebody is: a client with no business there gets none.
        if resource.scopes.isdisjoint(client.scopes) and not client.authorization_details_types:
            raise InvalidTargetError("The client is not registered for anything at this resource.")
    return tuple(dict.fromkeys(resources))


def check_claims(client: Client, parameters: Mapping[str, str]) -> ClaimsRequest:
    """The `claims` parameter, as far as the client is registered for what it names."""
    text = parameters.get("claims")
    if text is None:
        return NOTHING_REQUESTED
    allowed = claims_allowed(client.scopes, client.claims_policy)
    return parse_claims_parameter(text, client.claim_names).within(allowed)


def check_login_hint(parameters: Mapping[str, str]) -> str:
    """What to put into the user-name field; one that is absurdly long is ignored."""
    hint = parameters.get("login_hint", "")
    return hint if len(hint) <= _LONGEST_HINT else ""
