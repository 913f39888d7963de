"""Answers of the protocol endpoints: RFC 6749 section 5, RFC 6750 section 3, RFC 7662 section 2, RFC 7009 section 2."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from idp.domain.values import dataclass
from idp.protocol.errors import (
    InsufficientScopeError,
    InsufficientUserAuthenticationError,
    InvalidDpopProofError,
    OAuthError,
    TemporarilyUnavailableError,
    UseDpopNonceError,
)
from idp.protocol.resources.protected_resource import PROTECTED_RESOURCE_PATH
from idp.protocol.senders.bearer import DPOP, NoTokenError
from idp.protocol.senders.dpop import SIGNING_ALGORITHMS
from idp.web.edge.headers import Headers
from idp.web.edge.refusals import RefusedRequest

JSON: Final = b"application/json"
JWT: Final = b"application/jwt"
INTROSPECTION_JWT: Final = b"application/token-introspection+jwt"

_UNAUTHORIZED: Final = 401
_UNAVAILABLE: Final = 503
_TOO_LONG: Final = frozenset({413, 414})
_RETRY_AFTER: Final = ((b"retry-after", b"1"),)

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class ProtocolAnswer:
    """One complete answer, common headers still to be added."""

    status: int = 200
    body: bytes = b""
    content_type: bytes = b""
    headers: Headers = ()


EMPTY: Final = ProtocolAnswer()


def json_answer(members: Mapping[str, Any], *, status: int = 200) -> ProtocolAnswer:
    """Return a JSON object."""
    return ProtocolAnswer(status, _encode(members), JSON)


def jwt_answer(token: str) -> ProtocolAnswer:
    """Return a signed userinfo response (OpenID Connect Core section 5.3.2)."""
    return ProtocolAnswer(200, token.encode("ascii"), JWT)


def introspection_jwt_answer(token: str) -> ProtocolAnswer:
    """Return an introspection response as a JWT (RFC 9701 section 5)."""
    return ProtocolAnswer(200, token.encode("ascii"), INTROSPECTION_JWT)


def refused_answer(refused: RefusedRequest) -> ProtocolAnswer:
    """Return RFC 6749 section 5.2 `invalid_request` for a request that could not be read."""
    status = refused.status if refused.status in _TOO_LONG else 400
    return ProtocolAnswer(status, _error_body("invalid_request", refused.reason), JSON)


class ClientChallenge:
    """Errors of endpoints where clients authenticate."""

    def __init__(self, issuer: str) -> None:
        self._challenge: Headers = ((b"www-authenticate", f'Basic realm="{issuer}", charset="UTF-8"'.encode("ascii")),)

    def answer(self, error: OAuthError) -> ProtocolAnswer:
        """Return RFC 6749 section 5.2: the error as JSON."""
        headers: Headers = ()
        # RFC 6749 section 5.2: "the authorization server MUST respond with an HTTP 401 (Unauthorized) status code and
        # include the "WWW-Authenticate" response header field matching the authentication scheme used by the client";
        # RFC 9110 section 15.5.2 wants one with every 401.
        if error.status == _UNAUTHORIZED:
            headers = self._challenge
        elif isinstance(error, TemporarilyUnavailableError):
            headers = ((b"retry-after", str(error.retry_after).encode()),)
        elif isinstance(error, UseDpopNonceError):
            headers = _nonce(error)
        return ProtocolAnswer(error.status, _error_body(error.code, error.description), JSON, headers)


class BearerChallenge:
    """Errors of endpoints that take access tokens, bearer and DPoP alike."""

    def __init__(self, issuer: str) -> None:
        # RFC 9728 section 5.1: where a client that knows nothing yet finds who issues tokens for this resource.
        self._metadata = f'resource_metadata="{issuer}{PROTECTED_RESOURCE_PATH}"'
        self._bearer = f'Bearer realm="{issuer}"'
        # RFC 9449 section 7.1: "algs [...] A space-delimited list of supported algorithms".
        self._dpop = f'DPoP realm="{issuer}", algs="{" ".join(SIGNING_ALGORITHMS)}"'

    def answer(self, error: OAuthError) -> ProtocolAnswer:
        """Return RFC 6750 section 3 and RFC 9449 section 7.1: the error in the challenge of the scheme, and as JSON."""
        if error.status == _UNAVAILABLE:
            return ProtocolAnswer(error.status, _error_body(error.code, error.description), JSON, _RETRY_AFTER)
        # RFC 6750 section 3.1: "If the request lacks any authentication information [...], the resource server SHOULD
        # NOT include an error code or other error information."
        if isinstance(error, NoTokenError):
            both = f"{self._bearer}, {self._metadata}, {self._dpop}, {self._metadata}"
            return ProtocolAnswer(error.status, b"", b"", (_challenge(both),))
        challenge = self._dpop if error.scheme == DPOP else self._bearer
        challenge += f', error="{error.code}", error_description="{error.description}"'
        if isinstance(error, InsufficientScopeError):
            challenge += f', scope="{error.scope}"'
        if isinstance(error, InsufficientUserAuthenticationError):
            # RFC 9470 section 3: "acr_values: A space-separated string listing the authentication context class
            # reference values in order of preference."
            challenge += f', acr_values="{error.acr_values}"'
            if error.max_age is not None:
                # Same section: the "allowable elapsed time in seconds since the last active authentication event".
                challenge += f', max_age="{error.max_age}"'
        headers: Headers = (_challenge(f"{challenge}, {self._metadata}"),)
        status = error.status
        if isinstance(error, UseDpopNonceError):
            headers += _nonce(error)
        # RFC 9449 section 7.1: a request without a good proof is answered as one without a good token is.
        if isinstance(error, UseDpopNonceError | InvalidDpopProofError):
            status = _UNAUTHORIZED
        return ProtocolAnswer(status, _error_body(error.code, error.description), JSON, headers)


def _challenge(value: str) -> tuple[bytes, bytes]:
    return b"www-authenticate", value.encode("ascii")


def _nonce(error: UseDpopNonceError) -> Headers:
    # RFC 9449 sections 8 and 9.
    return ((b"dpop-nonce", error.nonce.encode("ascii")),)


def _error_body(code: str, description: str) -> bytes:
    return _encode({"error": code, "error_description": description})
