"""Initial access tokens: made and revoked by operators, used up by registrations."""

from typing import Protocol

from idp.domain.clients.client import Client
from idp.domain.clients.initial_access_token import InitialAccessToken
from idp.domain.events import Event
from idp.domain.ids import Seconds, TokenHash


class InitialAccessTokens(Protocol):
    """Every token ever made; those that are over are kept as a record of who could register."""

    async def add(self, token: InitialAccessToken, event: Event) -> None:
        """Keep a new token."""
        ...

    async def all(self) -> tuple[InitialAccessToken, ...]:
        """Every token, oldest first."""
        ...

    async def find(self, token_hash: TokenHash) -> InitialAccessToken | None:
        """The token of this hash, live or not, or None."""
        ...

    async def revoke(self, token_id: str, now: Seconds, event: Event) -> bool:
        """End a token; False, and no event, when there is none or it was revoked before."""
        ...

    async def register(self, token_hash: TokenHash, client: Client, now: Seconds, event: Event) -> bool:
        """Use the token once and save a new client, in one transaction; False, and nothing saved, when it is not live.

        Of any number who ask at once, as many succeed as the token has uses left.
        """
        ...
