"""The contract of `InitialAccessTokens`."""

import asyncio
from dataclasses import replace

import pytest

from idp.adapters.sql.stores import Stores
from idp.domain.clients.client import Client
from idp.domain.clients.initial_access_token import InitialAccessToken
from idp.domain.ids import ClientId, Seconds, TokenHash
from tests.adapters.turned_clock import TurnedClock
from tests.ports.samples import EVENT

HASH = TokenHash(b"h" * 32)


@pytest.fixture
async def token(stores: Stores, clock: TurnedClock) -> InitialAccessToken:
    now = clock.now()
    made = InitialAccessToken("token-1", HASH, "a ministry", now, Seconds(now + 60), uses_left=3)
    await stores.initial_access_tokens.add(made, EVENT)
    return made


def client(number: int = 1) -> Client:
    return Client(client_id=ClientId(f"client-{number}"))


async def test_a_token_is_found_by_its_hash_alone(stores: Stores, token: InitialAccessToken) -> None:
    assert await stores.initial_access_tokens.find(HASH) == token
    assert await stores.initial_access_tokens.find(TokenHash(b"x" * 32)) is None
    assert await stores.initial_access_tokens.all() == (token,)


async def test_a_registration_uses_the_token_and_saves_the_client(
    stores: Stores, token: InitialAccessToken, clock: TurnedClock
) -> None:
    assert await stores.initial_access_tokens.register(HASH, client(), clock.now(), EVENT)
    assert await stores.initial_access_tokens.find(HASH) == replace(token, uses_left=2)
    assert await stores.clients.get("client-1") == client()


async def test_of_50_that_register_at_once_as_many_succeed_as_there_are_uses(
    stores: Stores, token: InitialAccessToken, clock: TurnedClock
) -> None:
    answers = await asyncio.gather(
        *(stores.initial_access_tokens.register(HASH, client(number), clock.now(), EVENT) for number in range(50))
    )
    assert sum(answers) == token.uses_left
    saved = {each.client_id for each in await stores.client_registry.page("", 100)}
    assert saved == {f"client-{number}" for number, answer in enumerate(answers) if answer}


async def test_a_token_that_expired_or_was_revoked_registers_nobody(
    stores: Stores, token: InitialAccessToken, clock: TurnedClock
) -> None:
    tokens = stores.initial_access_tokens
    assert not await tokens.register(HASH, client(), token.expires_at, EVENT)
    assert await tokens.revoke("token-1", clock.now(), EVENT)
    assert not await tokens.register(HASH, client(), clock.now(), EVENT)
    assert await stores.clients.get("client-1") is None
    found = await tokens.find(HASH)
    assert found is not None
    assert (found.revoked_at, found.uses_left) == (clock.now(), 3)


async def test_only_what_changed_something_leaves_an_event(
    stores: Stores, token: InitialAccessToken, clock: TurnedClock
) -> None:
    async def events() -> int:
        return len([record async for record in stores.audit_log.records()])

    before = await events()
    assert await stores.initial_access_tokens.revoke("token-1", clock.now(), EVENT)
    assert await events() == before + 1
    assert not await stores.initial_access_tokens.revoke("token-1", clock.now(), EVENT)
    assert not await stores.initial_access_tokens.revoke("token-2", clock.now(), EVENT)
    assert not await stores.initial_access_tokens.register(HASH, client(), clock.now(), EVENT)
    assert await events() == before + 1
