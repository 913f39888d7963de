"""RFC 6749 section 3.1.2 and OpenID Connect Core section 3.1.2.1: who asks, and where an answer may go.

Until both are known nothing is redirected: errors found here are shown to the person.
"""

from collections.abc import Mapping

from idp.domain.clients.client import Client
from idp.ports.clients import Clients
from idp.protocol.authorize.request import ResponseTarget
from idp.protocol.errors import InvalidClientError, InvalidRequestError, OAuthError

RESPONSE_MODES = ("query", "fragment", "form_post", "jwt", "query.jwt", "fragment.jwt", "form_post.jwt")
"""OAuth 2.0 Multiple Response Types section 2.1, OAuth 2.0 Form Post Response Mode, JARM section 2.3."""

LONGEST_STATE = 4096
"""Characters; conformance suites send 1,000."""


async def check_client(clients: Clients, parameters: Mapping[str, str]) -> Client:
    """The client that asks."""
    client_id = parameters.get("client_id")
    if not client_id:
        raise InvalidRequestError("The client_id parameter is missing.")
    client = await clients.get(client_id)
    if client is None or client.disabled:
        raise InvalidClientError("The client is unknown.", reason="unknown or disabled client")
    return client


def check_redirect_uri(client: Client, parameters: Mapping[str, str]) -> str:
    """The redirect URI, one of those registered."""
    redirect_uri = parameters.get("redirect_uri")
    # OpenID Connect Core section 3.1.2.1: redirect_uri is REQUIRED.
    if not redirect_uri:
        raise InvalidRequestError("The redirect_uri parameter is missing.")
    # "This URI MUST exactly match one of the Redirection URI values for the Client pre-registered".
    if redirect_uri not in client.redirect_uris:
        raise InvalidRequestError("The redirect_uri is not registered for this client.")
    return redirect_uri


def check_response(parameters: Mapping[str, str], redirect_uri: str) -> tuple[ResponseTarget, OAuthError | None]:
    """How to answer, and the refusal if the request names a mode or a state that cannot be used."""
    state = parameters.get("state")
    usual = "fragment" if returns_tokens(parameters.get("response_type", "")) else "query"
    mode = parameters.get("response_mode", usual)
    if state is not None and len(state) > LONGEST_STATE:
        return ResponseTarget(redirect_uri, usual, None), InvalidRequestError("The state parameter is too long.")
    if mode not in RESPONSE_MODES:
        return ResponseTarget(redirect_uri, usual, state), InvalidRequestError("The response_mode is not supported.")
    signed = mode.endswith("jwt")
    # JARM section 2.3.4: `jwt` stands for the usual mode of the response type.
    delivery = usual if mode == "jwt" else mode.removesuffix(".jwt")
    if delivery == "query" and usual == "fragment":
        # OAuth 2.0 Multiple Response Type Encoding Practices section 5: "for these response types, the query encoding
        # MUST NOT be used; JARM section 2.3.1 says the same of `query.jwt`.
        refusal = InvalidRequestError("This response_type is not answered in the query.")
        return ResponseTarget(redirect_uri, usual, state, signed), refusal
    return ResponseTarget(redirect_uri, delivery, state, signed), None


def returns_tokens(response_type: str) -> bool:
    """Whether the authorization endpoint itself would return a token for this response type."""
    return not {"token", "id_token"}.isdisjoint(response_type.split())
