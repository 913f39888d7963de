"""RFC 6749 §4.1.2 and RFC 9207: what comes back from the authorization endpoint, before anything is believed."""

from collections.abc import Sequence
from dataclasses import dataclass

from clients.relying_party.refusals import Refusal

MAX_LENGTH = 4096  # characters a parameter


@dataclass(frozen=True, slots=True)
class AuthorizationResponse:
    """The parameters of a redirect to `/callback`; unverified until state and issuer have been compared."""

    state: str
    issuer: str | None
    code: str | None
    error: str | None


def parse_authorization_response(parameters: Sequence[tuple[str, str]]) -> AuthorizationResponse:
    """Return the response; raises Refusal when it cannot be one."""
    names = [name for name, _ in parameters]
    # RFC 6749 §3.1: "Request and response parameters MUST NOT be included more than once."
    if len(set(names)) != len(names):
        raise Refusal("invalid_request", "a parameter is repeated")
    values = dict(parameters)
    if any(len(value) > MAX_LENGTH or not value.isprintable() for value in values.values()):
        raise Refusal("invalid_request", "a parameter is too long or not text")
    state, code, error = values.get("state"), values.get("code"), values.get("error")
    if not state:
        raise Refusal("sign_in_expired", "no state")
    if bool(code) == bool(error):
        raise Refusal("invalid_request", "neither a code nor an error, or both")
    return AuthorizationResponse(state=state, issuer=values.get("iss"), code=code, error=error)
