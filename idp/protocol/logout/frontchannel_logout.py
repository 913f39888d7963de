"""OpenID Connect Front-Channel Logout 1.0 section 3: the addresses that the browser loads when a session ends."""

from idp.domain.clients.client import Client
from idp.domain.ids import ClientId, SessionId
from idp.ports.clients import Clients
from idp.ports.grants import Grants
from idp.ports.keys import SubjectKeys
from idp.protocol.authorize.registered_address import with_query


class FrontChannelLogout:
    """Knows which services of a session want to hear from the browser itself that it is over."""

    def __init__(self, issuer: str, clients: Clients, grants: Grants, keys: SubjectKeys) -> None:
        self._issuer = issuer
        self._clients = clients
        self._grants = grants
        self._keys = keys

    async def addresses(self, session_id: SessionId) -> dict[ClientId, str]:
        """Return what the browser is to load, by client: of each that was given a grant in the session.

        The grants may have ended already. A disabled client is not loaded into anybody's browser any more.
        """
        found: dict[ClientId, str] = {}
        for client_id in await self._grants.clients_of_session(session_id):
            client = await self._clients.get(client_id)
            if client is not None and not client.disabled and client.frontchannel_logout_uri is not None:
                found[client_id] = self._address(client, client.frontchannel_logout_uri, session_id)
        return found

    def _address(self, client: Client, uri: str, session_id: SessionId) -> str:
        # Section 2: "The OP MAY add these query parameters when rendering the logout URI, and if either is included,
        # both MUST be: iss [...] sid". The URI "MAY include an application/x-www-form-urlencoded formatted query
        # component, which MUST be retained when adding additional query parameters."
        sid = self._keys.client_session_id(client.client_id, session_id)
        return with_query(uri, (("iss", self._issuer), ("sid", sid)))
