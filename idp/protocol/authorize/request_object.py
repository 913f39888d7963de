"""RFC 9101 sections 4 to 6 and OpenID Connect Core section 6.1: an authorization request that its client signed.

Unsigned objects are not taken, and none signed with a secret. What is encrypted must be signed inside.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from idp.domain.clients.client import Client
from idp.ports.clock import CLOCK_TOLERANCE, Clock
from idp.ports.foreign_tokens import ForeignTokens, TokenEncryption, VerifiedToken
from idp.ports.keys import UnreadableTokenError
from idp.protocol.authorize.parameters import RESOURCE, UNDERSTOOD, RequestParameters
from idp.protocol.clients.client_keys import ClientKeys
from idp.protocol.errors import InvalidRequestObjectError, RequestNotSupportedError
from idp.protocol.numeric_date import MalformedNumericDateError, read_numeric_date
from idp.protocol.replay_marks import LONGEST_IDENTIFIER, ReplayedError, ReplayMarks

LONGEST_LIFE: Final = 3600
"""Seconds. FAPI 2.0 Message Signing section 5.3.1: from `nbf` to `exp`, and from `nbf` until now."""

LONGEST_MEMORY: Final = 86_400
"""Seconds for which a `jti` is remembered at most."""

TOKEN_TYPES: Final = frozenset({"oauth-authz-req+jwt", "jwt"})
"""RFC 9101 section 10.8 names the first; OpenID Connect knew none, or `JWT`."""

_ENCRYPTED_DOTS: Final = 4
_MARK: Final = "request-object"
_OBJECTS: Final = frozenset({"claims", "registration"})
_ARRAYS: Final = frozenset({"authorization_details"})
_NUMBERS: Final = frozenset({"max_age"})


class RequestObjects:
    """Opens request objects; one with a `jti` is good once."""

    def __init__(
        self,
        *,
        issuer: str,
        tokens: ForeignTokens,
        keys: ClientKeys,
        encryption: TokenEncryption,
        marks: ReplayMarks,
        clock: Clock,
    ) -> None:
        self._issuer = issuer
        self._tokens = tokens
        self._keys = keys
        self._encryption = encryption
        self._marks = marks
        self._clock = clock

    async def open(self, client: Client, token: str) -> RequestParameters:
        """The parameters in a request object that this client signed for us, unchecked themselves.

        Raises `RequestNotSupportedError` for an unsigned one and `InvalidRequestObjectError` for everything else.
        """
        verified = await self._verified(client, token)
        claims = verified.claims
        await self._use(client, claims)
        _check_type(verified.header)
        self._check_parties(client, claims)
        self._check_times(client, claims)
        return parameters_of(claims)

    async def _verified(self, client: Client, token: str) -> VerifiedToken:
        allowed = client.policy.signing_algorithms
        if client.request_object_algorithm is not None:
            # OpenID Connect Registration section 2, request_object_signing_alg: "All Request Objects from this Client
            # MUST be rejected, if not signed with this algorithm."
            allowed &= {client.request_object_algorithm}
        # Who need not sign requests is told that unsigned ones do not come as objects; others, that this one is bad.
        signs_always = client.signs_requests_only or client.policy.bounds_request_objects
        try:
            # RFC 9101 section 6.1: "the authorization server MUST decrypt the JWT"; section 6.2: then verify it.
            signed = self._encryption.decrypt(token) if token.count(".") == _ENCRYPTED_DOTS else token
            unverified = self._tokens.read(signed)
            if unverified.algorithm == "none" and not signs_always:
                raise RequestNotSupportedError
            return await self._keys.verify(client, unverified, allowed)
        except UnreadableTokenError as error:
            raise InvalidRequestObjectError(reason=f"request object: {error}") from error

    async def _use(self, client: Client, claims: Mapping[str, Any]) -> None:
        """Claim the `jti` before anything else is looked at."""
        identifier = claims.get("jti")
        if identifier is None:
            return
        issued_at, expires_at = _moment(claims, "iat") or _moment(claims, "nbf"), _moment(claims, "exp")
        if not isinstance(identifier, str) or len(identifier) > LONGEST_IDENTIFIER:
            raise InvalidRequestObjectError("The jti of the request object is malformed.")
        # Nobody remembers for ever: what is good once must say from when and until when it is good.
        if not issued_at or not expires_at or expires_at > self._clock.now() + LONGEST_MEMORY:
            raise InvalidRequestObjectError("A jti needs iat or nbf, and an exp within a day.")
        try:
            await self._marks.use(_MARK, client.client_id, identifier, int(issued_at), int(expires_at))
        except ReplayedError as error:
            raise InvalidRequestObjectError("The request object was used before.") from error

    def _check_parties(self, client: Client, claims: Mapping[str, Any]) -> None:
        # RFC 9101 section 5: the client_id beside and the one within "MUST be identical".
        if claims.get("client_id", client.client_id) != client.client_id:
            raise InvalidRequestObjectError("The client_id differs from the one in the request object.")
        if "client_id" not in claims and not client.merges_request_objects:
            raise InvalidRequestObjectError("The request object has no client_id.")
        # OpenID Connect Core section 6.1: "The iss value SHOULD be the Client ID of the RP".
        if claims.get("iss", client.client_id) != client.client_id:
            raise InvalidRequestObjectError("The iss of the request object is not the client.")
        # RFC 9101 section 10.8: an object whose subject is the client could be taken for a client assertion, and an
        # assertion for an object.
        if claims.get("sub") == client.client_id:
            raise InvalidRequestObjectError("The request object has the form of a client assertion.")
        # RFC 9101 section 4: "The value of aud should be the value of the authorization server (AS) issuer".
        audience = claims.get("aud")
        if audience is None and not client.policy.bounds_request_objects:
            return
        if self._issuer not in (audience if isinstance(audience, list) else [audience]):
            raise InvalidRequestObjectError("The aud of the request object is not this issuer.")

    def _check_times(self, client: Client, claims: Mapping[str, Any]) -> None:
        now = self._clock.now()
        expires_at, not_before = _moment(claims, "exp"), _moment(claims, "nbf")
        if expires_at is not None and now >= expires_at:
            raise InvalidRequestObjectError("The request object has expired.")
        if not_before is not None and not_before > now + CLOCK_TOLERANCE:
            raise InvalidRequestObjectError("The request object is not valid yet.")
        if not client.policy.bounds_request_objects:
            return
        # FAPI 2.0 Message Signing section 5.3.1: "shall require the request object to contain an nbf claim that is no
        # longer than 60 minutes in the past", "[...] an exp claim that has a lifetime of no longer than 60 minutes
        # after the nbf claim".
        if expires_at is None or not_before is None:
            raise InvalidRequestObjectError("The request object needs exp and nbf.")
        if expires_at - not_before > LONGEST_LIFE or now - not_before > LONGEST_LIFE:
            raise InvalidRequestObjectError("The request object is good for more than an hour.")


def _check_type(header: Mapping[str, Any]) -> None:
    # RFC 8725 section 3.11: explicit typing keeps a token made for one purpose from being used for another.
    kind = header.get("typ", "JWT")
    if not isinstance(kind, str) or kind.lower().removeprefix("application/") not in TOKEN_TYPES:
        raise InvalidRequestObjectError(reason="another type of token")


def parameters_of(claims: Mapping[str, Any]) -> RequestParameters:
    """Return the request parameters among the claims. Raises `InvalidRequestObjectError` for a value of a wrong kind.

    RFC 9101 section 4: parameters are text; numbers and objects are themselves, as JSON has them.
    """
    # RFC 9101 section 4: "request and request_uri parameters MUST NOT be included in Request Objects."
    if "request" in claims or "request_uri" in claims:
        raise InvalidRequestObjectError("A request object must not contain another.")
    values = {name: _text(name, claims[name]) for name in sorted(UNDERSTOOD & claims.keys())}
    resources = claims.get(RESOURCE, [])
    resources = [resources] if isinstance(resources, str) else resources
    if not isinstance(resources, list) or not all(isinstance(resource, str) for resource in resources):
        raise InvalidRequestObjectError("The resource of the request object is malformed.")
    # RFC 6749 section 3.1: "Parameters sent without a value MUST be treated as if they were omitted".
    return RequestParameters({name: value for name, value in values.items() if value}, tuple(resources))


def _text(name: str, value: object) -> str:
    if isinstance(value, str) and "\0" not in value:
        return value
    if name in _OBJECTS and isinstance(value, dict):
        return msgspec.json.encode(value).decode()
    if name in _ARRAYS and isinstance(value, list):
        return msgspec.json.encode(value).decode()
    if name in _NUMBERS and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise InvalidRequestObjectError(f"The {name} of the request object is malformed.")


def _moment(claims: Mapping[str, Any], name: str) -> float | None:
    try:
        return read_numeric_date(claims, name)
    except MalformedNumericDateError as error:
        raise InvalidRequestObjectError(f"The {name} of the request object is not a time.") from error
