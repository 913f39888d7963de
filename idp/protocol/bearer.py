"""RFC 6750 section 2: how a bearer token is sent, and section 3: how its absence is answered."""

from collections.abc import Mapping

from idp.protocol.errors import InvalidRequestError, OAuthError

SCHEME = "bearer"


class NoTokenError(OAuthError):
    """RFC 6750 section 3.1: no token was sent; the challenge then names no error."""

    code = "invalid_token"
    status = 401
    default = "An access token is required."


def bearer_token(authorization: str | None, query: Mapping[str, str], body: Mapping[str, str]) -> str:
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
        return in_body
    # RFC 6750 section 2: "Clients MUST NOT use more than one method to transmit the token in each request."
    if in_body is not None:
        raise InvalidRequestError("The access token was sent in two ways.")
    scheme, _, token = authorization.partition(" ")
    # RFC 9110 section 11.1: the scheme is a case-insensitive token.
    if scheme.lower() != SCHEME or not token.strip(" "):
        raise NoTokenError
    return token.strip(" ")
