from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from idp.domain.events import AccessTokenRevoked, GrantRevoked, SessionEnded
from idp.domain.grants.grant import RevocationReason
from idp.domain.ids import ClientId, GrantId, Seconds
from idp.protocol.errors import InvalidTokenError
from idp.protocol.resources.resources import Target
from idp.protocol.tokens.refresh_token import PresentedRefreshToken, read_refresh_token
from idp.protocol.tokens.token_state import LiveAccessToken
from tests.protocol.world import ISSUER, ORIGIN, PORTAL, SESSION, World


def presented(token: str | None) -> PresentedRefreshToken:
    read = read_refresh_token(token or "")
    assert read is not None
    return read


async def test_a_fresh_token_works(world: World) -> None:
    response = await world.sign_in()
    live = await world.state.access_token(response.access_token)
    assert live.client == PORTAL
    assert live.grant is not None
    assert live.grant.account_id == world.citizen
    assert await world.state.refresh_token(presented(response.refresh_token), PORTAL) == (live.grant, None)


async def test_a_client_s_own_token_has_no_grant(world: World) -> None:
    token = world.access_tokens.for_client(ClientId("machine"), Target((ISSUER,), ())).token
    assert (await world.state.access_token(token)).grant is None


async def test_a_token_of_a_client_that_is_gone_or_disabled_does_not(world: World) -> None:
    response = await world.sign_in()
    await world.save(replace(PORTAL, disabled=True))
    stranger = world.access_tokens.for_client(ClientId("gone"), Target((ISSUER,), ())).token
    for token in (response.access_token, stranger):
        with pytest.raises(InvalidTokenError):
            await world.state.access_token(token)


async def test_a_revoked_token_does_not(world: World) -> None:
    issued = world.access_tokens.for_client(ClientId("machine"), Target((ISSUER,), ()))
    event = AccessTokenRevoked(origin=ORIGIN, client_id=ClientId("machine"), token_id=issued.token_id)
    await world.stores.grants.revoke_access_token(issued.token_id, Seconds(world.clock.seconds + 300), event)
    with pytest.raises(InvalidTokenError, match="revoked"):
        await world.state.access_token(issued.token)


async def test_a_token_without_its_grant_does_not(world: World) -> None:
    token = world.access_tokens.for_grant(world.grant(), "s", Target((ISSUER,), ())).token
    with pytest.raises(InvalidTokenError):
        await world.state.access_token(token)


async def test_tokens_of_a_locked_account_do_not(world: World) -> None:
    response = await world.sign_in(grant=world.grant(offline=True))
    await world.lock()
    with pytest.raises(InvalidTokenError):
        await world.state.access_token(response.access_token)
    assert await world.state.refresh_token(presented(response.refresh_token), PORTAL) is None


async def _token_revoked(world: World, live: LiveAccessToken) -> None:
    event = AccessTokenRevoked(origin=ORIGIN, client_id=live.client.client_id, token_id=live.token.token_id)
    await world.stores.grants.revoke_access_token(live.token.token_id, Seconds(world.clock.seconds + 300), event)


async def _grant_revoked(world: World, live: LiveAccessToken) -> None:
    assert live.token.grant_id is not None
    reason = RevocationReason.CLIENT_REQUEST
    event = GrantRevoked(origin=ORIGIN, grant_id=live.token.grant_id, reason=reason, client_id=live.client.client_id)
    await world.stores.grants.revoke(live.token.grant_id, reason, world.clock.now(), event)


async def _signed_out(world: World, _live: LiveAccessToken) -> None:
    await world.end_session()


async def _account_locked(world: World, _live: LiveAccessToken) -> None:
    await world.lock()


async def _other_sessions_ended(world: World, _live: LiveAccessToken) -> None:
    event = SessionEnded(origin=ORIGIN, account_id=world.citizen, session_id=SESSION, reason="test")
    await world.stores.accounts.end_all_sessions(world.citizen, world.clock.now(), event)


async def _client_disabled(world: World, live: LiveAccessToken) -> None:
    await world.save(replace(live.client, disabled=True))


@pytest.mark.parametrize(
    "end", [_token_revoked, _grant_revoked, _signed_out, _account_locked, _other_sessions_ended, _client_disabled]
)
async def test_a_token_that_worked_just_before_does_not_once_anything_behind_it_ended(
    world: World, end: Callable[[World, LiveAccessToken], Awaitable[None]]
) -> None:
    """At once, a disabled client within a second: what is remembered of tokens does not tell whether they work."""
    token = (await world.sign_in()).access_token
    await end(world, await world.state.access_token(token))
    with pytest.raises(InvalidTokenError):
        await world.state.access_token(token)


async def test_a_refresh_token_that_was_used_does_not_and_asking_revokes_nothing(world: World) -> None:
    first = await world.sign_in()
    second = await world.refresh(first.refresh_token)
    assert await world.state.refresh_token(presented(first.refresh_token), PORTAL) is None
    assert await world.state.refresh_token(presented(second.refresh_token), PORTAL) is not None


async def test_an_unknown_refresh_token_does_not(world: World) -> None:
    token, _ = world.refresh_tokens.begin(GrantId("0b98"))
    assert await world.state.refresh_token(presented(token), PORTAL) is None
