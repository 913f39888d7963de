"""RFC 6750 section 2 and RFC 9449 section 7.1: how an access token is sent; RFC 6750 section 3: none was."""

from collections.abc import Mapping
from typing import Final

from idp.domain.values import dataclass
from idp.protocol.errors import InvalidRequestError, OAuthError

BEARER: Final = "Bearer"
DPOP: Final = "DPoP"

_SCHEMES: Final = {scheme.lower(): scheme for scheme in (BEARER, DPOP)}


class NoTokenError(OAuthError):
    """RFC 6750 section 3.1: no token was sent; the challenge then names no error."""

    code = "invalid_token"
    status = 401
    default = "An access token is required."


@dataclass(frozen=True, slots=True)
class SentToken:
    """An access token as it was sent, unverified, and the scheme: one in a form body is a bearer token."""

    token: str
    scheme: str = BEARER


def sent_token(authorization: str | None, query: Mapping[str, str], body: Mapping[str, str]) -> SentToken:
    """Return the access token of a request, from the header or the form body.

    Raises `NoTokenError`, or `InvalidRequestError` when it came by two ways or in the query string.
    """
    # RFC 9700 section 4.3.2 and RFC 6750 section 2.3: a token in an address ends up in logs and histories.
    if "access_token" in query:
        raise InvalidRequestError("An access token is never sent in the query string.")
    in_body = body.get("access_token")
    if authorization is None:
        if in_body is None:
            raise NoTokenError
        return SentToken(in_body)
    # RFC 6750 section 2: "Clients MUST NOT use more than one method to transmit the token in each request."
    if in_body is not None:
        raise InvalidRequestError("The access token was sent in two ways.")
    scheme, _, token = authorization.partition(" ")
    # RFC 9110 section 11.1: the scheme is a case-insensitive token.
    known = _SCHEMES.get(scheme.lower())
    if known is None or not token.strip(" "):
        raise NoTokenError
    return SentToken(token.strip(" "), known)


def bearer_token(authorization: str | None, query: Mapping[str, str], body: Mapping[str, str]) -> str:
    """Return the token of a request to an endpoint that knows bearer tokens only. Raises as `sent_token` does."""
    sent = sent_token(authorization, query, body)
    if sent.scheme != BEARER:
        raise NoTokenError
    return sent.token
