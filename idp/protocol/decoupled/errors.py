"""RFC 8628 section 3.5 and OpenID Connect CIBA Core sections 11 and 13: the errors of requests that wait for a person.

`OAuthError`
 ├── AuthorizationPendingError, PolledTooSoonError, ExpiredTokenError, PersonDeniedError (token endpoint)
 └── UnknownUserIdError, InvalidBindingMessageError, MissingHintError, TooManyRequestsError (backchannel authentication
     endpoint)
"""

from idp.protocol.errors import InvalidRequestError, OAuthError, TemporarilyUnavailableError


class AuthorizationPendingError(OAuthError):
    """Nobody has decided yet."""

    code = "authorization_pending"
    default = "The person has not decided yet."


class PolledTooSoonError(OAuthError):
    """Asked again before the interval was over; from now on it is five seconds longer."""

    code = "slow_down"
    default = "Wait five seconds longer between two requests."


class ExpiredTokenError(OAuthError):
    """Nobody decided in time."""

    code = "expired_token"
    default = "Nobody decided in time; start again."


class PersonDeniedError(OAuthError):
    """The person said no. At the token endpoint the status is 400 (RFC 6749 section 5.2)."""

    code = "access_denied"
    default = "The person did not agree."


class UnknownUserIdError(OAuthError):
    """The hint names nobody whom this client may ask."""

    code = "unknown_user_id"
    default = "The hint names nobody who can be asked."


class InvalidBindingMessageError(OAuthError):
    """The binding message cannot be shown."""

    code = "invalid_binding_message"
    default = "The binding message is at most 200 printable characters on one line."


class MissingHintError(InvalidRequestError):
    """CIBA Core section 7.1: "one (and only one) of the hints" is required."""

    default = "Exactly one of login_hint, id_token_hint and login_hint_token is required."


class TooManyRequestsError(TemporarilyUnavailableError):
    """RFC 6585 section 4: too much waits for the person, or the client asks too often; the service itself is well."""

    status = 429
    default = "Too many requests; try again later."

    def __init__(self, description: str = "", *, retry_after: int = 1) -> None:
        super().__init__(description)
        self.retry_after = retry_after
