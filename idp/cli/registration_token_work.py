"""What `idp client token` does; every change leaves its audit event in the same transaction."""

import hashlib

from idp.cli.opening import Provider
from idp.cli.refusal import Refusal
from idp.domain.clients.initial_access_token import InitialAccessToken
from idp.domain.events import InitialAccessTokenChanged
from idp.domain.ids import Seconds, TokenHash

_HOUR = 3600


async def create(provider: Provider, *, uses: int, hours: int, note: str) -> tuple[InitialAccessToken, str]:
    """Make a token of 256 random bits; return what is kept of it, and the token itself."""
    issued = provider.entropy.token()
    now = provider.clock.now()
    token = InitialAccessToken(
        token_id=provider.entropy.identifier(),
        token_hash=TokenHash(hashlib.sha256(issued.encode()).digest()),
        note=note,
        created_at=now,
        expires_at=Seconds(now + hours * _HOUR),
        uses_left=uses,
    )
    await provider.stores.initial_access_tokens.add(token, _event(provider, token.token_id, "created"))
    return token, issued


async def all_tokens(provider: Provider) -> list[tuple[InitialAccessToken, str]]:
    """Return every token with its state, oldest first."""
    now = provider.clock.now()
    return [(token, token.state(now)) for token in await provider.stores.initial_access_tokens.all()]


async def revoke(provider: Provider, token_id: str) -> None:
    """End a token. Raises `Refusal` when there is none, or it was revoked before."""
    event = _event(provider, token_id, "revoked")
    if not await provider.stores.initial_access_tokens.revoke(token_id, provider.clock.now(), event):
        raise Refusal("there is no such token that could be revoked", "see idp client token list")


def _event(provider: Provider, token_id: str, change: str) -> InitialAccessTokenChanged:
    return InitialAccessTokenChanged(origin=provider.origin, token_id=token_id, change=change)
