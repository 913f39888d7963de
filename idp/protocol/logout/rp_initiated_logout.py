"""OpenID Connect RP-Initiated Logout 1.0 sections 2 to 4: what a request to sign out leads to."""

from collections.abc import Mapping
from hmac import compare_digest

from idp.domain.clients.client import Client
from idp.domain.ids import ClientId
from idp.domain.sign_ins.session import Session
from idp.domain.values import dataclass
from idp.ports.clients import Clients
from idp.ports.keys import SubjectKeys
from idp.protocol.authorize.check_target import LONGEST_STATE
from idp.protocol.authorize.registered_address import with_query
from idp.protocol.errors import InvalidRequestError, OAuthError
from idp.protocol.tokens.id_token import IdTokens, VerifiedHint


@dataclass(frozen=True, slots=True)
class RedirectAfterLogout:
    """End the session if there is one (nobody needs to be asked), then redirect to `location`."""

    location: str
    client: Client


@dataclass(frozen=True, slots=True)
class ConfirmFirst:
    """Somebody is signed in, and nothing proves that this request is theirs: ask.

    On yes end the session, then redirect to `location` or show that they are signed out.
    """

    location: str | None
    client: Client | None


@dataclass(frozen=True, slots=True)
class ShowSignedOut:
    """End the session if there is one (nobody needs to be asked), then say so; there is nowhere to redirect to."""

    client: Client | None


@dataclass(frozen=True, slots=True)
class Refuse:
    """Show an error; the session goes on and nobody is redirected. `client_id` is set once it is proved."""

    error: OAuthError
    client_id: ClientId | None


LogoutDecision = RedirectAfterLogout | ConfirmFirst | ShowSignedOut | Refuse


class RpInitiatedLogout:
    """Decides about requests to the end session endpoint."""

    def __init__(self, id_tokens: IdTokens, clients: Clients, keys: SubjectKeys) -> None:
        self._id_tokens = id_tokens
        self._clients = clients
        self._keys = keys

    async def decide(self, parameters: Mapping[str, str], session: Session | None) -> LogoutDecision:
        """Return what to do. `session` is the one of the browser at hand, if it has one.

        It may be asked again with the same parameters after the person confirmed; `location` is then the same.
        """
        if len(parameters.get("state", "")) > LONGEST_STATE:
            return Refuse(InvalidRequestError("The state parameter is too long."), None)
        if "id_token_hint" not in parameters:
            return await self._without_hint(parameters, session)
        try:
            hint = self._id_tokens.verify_hint(parameters["id_token_hint"])
        except InvalidRequestError as error:
            return Refuse(error, None)
        try:
            client = await self._client(hint, parameters)
            location = _location(client, parameters)
        except InvalidRequestError as error:
            return Refuse(error, hint.client_id)
        # Section 2: "the OP MUST ask the End-User this question if an id_token_hint was not provided or if the supplied
        # ID Token does not belong to the current OP session with the RP and/or currently logged in End-User."
        if session is not None and not self._belongs(hint, session):
            return ConfirmFirst(location, client)
        return ShowSignedOut(client) if location is None else RedirectAfterLogout(location, client)

    async def _client(self, hint: VerifiedHint, parameters: Mapping[str, str]) -> Client:
        # Section 2: "When both client_id and id_token_hint are present, the OP MUST verify that the Client Identifier
        # matches the one used when issuing the ID Token."
        if parameters.get("client_id", hint.client_id) != hint.client_id:
            raise InvalidRequestError("The client_id is not the one that the id_token_hint was issued to.")
        client = await self._clients.get(hint.client_id)
        if client is None or client.disabled:
            raise InvalidRequestError("The client is unknown.")
        return client

    async def _without_hint(self, parameters: Mapping[str, str], session: Session | None) -> LogoutDecision:
        # Section 3: without a hint there is no redirection, unless the OP has other means of confirming its legitimacy;
        # a client identifier alone is anybody's to send.
        if session is not None:
            return ConfirmFirst(None, await self._named(parameters.get("client_id")))
        if "post_logout_redirect_uri" in parameters:
            return Refuse(InvalidRequestError("The id_token_hint parameter is missing."), None)
        return ShowSignedOut(None)

    async def _named(self, client_id: str | None) -> Client | None:
        """Return the client that an identifier names: none whose own words nobody checked, since nothing is proved."""
        client = None if client_id is None else await self._clients.get(ClientId(client_id))
        return None if client is None or client.disabled or client.registration is not None else client

    def _belongs(self, hint: VerifiedHint, session: Session) -> bool:
        expected = self._keys.client_session_id(hint.client_id, session.session_id)
        return hint.client_session_id is not None and compare_digest(hint.client_session_id.encode(), expected.encode())


def _location(client: Client, parameters: Mapping[str, str]) -> str | None:
    uri = parameters.get("post_logout_redirect_uri")
    if uri is None:
        return None
    # Section 3: "the OP MUST NOT perform post-logout redirection if the post_logout_redirect_uri value supplied does
    # not exactly match one of the previously registered post_logout_redirect_uris values."
    if uri not in client.post_logout_redirect_uris:
        raise InvalidRequestError("The post_logout_redirect_uri is not registered for this client.")
    # Section 2: "If included in the logout request, the OP passes this value back to the RP using the state parameter".
    state = parameters.get("state")
    return uri if state is None else with_query(uri, (("state", state),))
