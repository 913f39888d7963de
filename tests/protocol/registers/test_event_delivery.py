from asyncio import gather
from dataclasses import replace
from typing import Any

import pytest

from idp.assembly.registers import event_delivery_endpoint
from idp.domain.accounts.account import AccountStatus
from idp.domain.accounts.account_lock import ABOUT_ORGANISATIONS, RegisterEvent
from idp.domain.clients.client import Client
from idp.domain.clients.onboarding import Onboarding
from idp.domain.clients.registration import Registration
from idp.domain.ids import ClientId, TokenHash
from idp.protocol.registers.event_delivery import SCOPE, Delivery
from idp.protocol.registers.security_event import (
    EventOfAnotherRegisterError,
    NoRegisterError,
    SecurityEventError,
    UnknownKeyOfRegisterError,
)
from tests.protocol.client_signer import ClientSigner
from tests.protocol.world import CITIZEN, ISSUER, ORIGIN, World

SIGNER = ClientSigner("events-1")
REGISTER = Client(
    client_id=ClientId("population-registry"),
    token_endpoint_auth_method="private_key_jwt",
    grant_types=frozenset({"client_credentials"}),
    scopes=frozenset({SCOPE}),
    metadata={"jwks": {"keys": [SIGNER.jwk]}},
)
NUMBER = CITIZEN.personal_number


@pytest.fixture
async def world(world: World) -> World:
    await world.save(REGISTER)
    return world


def event_token(
    world: World, event: str = RegisterEvent.CARD_LOCKED, signer: ClientSigner = SIGNER, **changes: Any
) -> str:
    """A security event token; `payload`, `subject` and `typ` apart, changes are of its claims."""
    now = world.clock.now()
    subject = {"format": "iss_sub", "iss": "urn:vn:register:population", "sub": changes.pop("subject", NUMBER)}
    typ = changes.pop("typ", "secevent+jwt")
    claims = {
        "iss": REGISTER.client_id,
        "aud": ISSUER,
        "iat": now,
        "toe": now - 5,
        "jti": world.entropy.token(),
        "sub_id": subject,
        "events": {event: changes.pop("payload", {})},
        **changes,
    }
    return signer.sign({name: value for name, value in claims.items() if value is not None}, typ=typ)


async def send(world: World, token: str) -> None:
    assert await event_delivery_endpoint(world.parts)(Delivery(token, ORIGIN)) == REGISTER.client_id


async def status(world: World) -> AccountStatus:
    account = await world.stores.accounts.get(world.citizen)
    assert account is not None
    return account.status


async def test_a_locked_card_locks_the_account_and_an_unlocked_one_unlocks_it(world: World) -> None:
    await send(world, event_token(world))
    assert await status(world) is AccountStatus.LOCKED
    await send(world, event_token(world, RegisterEvent.CARD_UNLOCKED, toe=world.clock.now()))
    assert await status(world) is AccountStatus.ACTIVE
    received = await world.audited("register.event")
    assert [each["outcome"] for each in received] == ["applied", "applied"]
    assert [each["accounts"] for each in received] == [[world.citizen], [world.citizen]]
    assert NUMBER not in str(received)


async def test_one_token_sent_fifty_times_at_once_is_taken_each_time_and_counts_once(world: World) -> None:
    token = event_token(world)
    await gather(*(send(world, token) for _ in range(50)))
    assert len(await world.audited("account.lock")) == 1
    outcomes = [each["outcome"] for each in await world.audited("register.event")]
    assert (outcomes.count("applied"), outcomes.count("overtaken")) == (1, 49)


async def test_what_is_told_of_somebody_without_an_account_is_kept(world: World) -> None:
    token = event_token(world, subject="001099000999")
    await gather(*(send(world, token) for _ in range(50)))
    received = await world.audited("register.event")
    assert sorted(each["outcome"] for each in received) == ["kept", *["overtaken"] * 49]
    assert all(each["accounts"] == [] for each in received)
    assert "001099000999" not in str(received)


async def test_only_a_client_that_administrators_registered_as_a_register_is_one(world: World) -> None:
    await world.save(replace(REGISTER, scopes=frozenset({"dossier.read"})))
    with pytest.raises(NoRegisterError):
        await send(world, event_token(world))
    by_itself = Registration(TokenHash(b""), world.clock.now())
    await world.save(replace(REGISTER, registration=by_itself))
    with pytest.raises(NoRegisterError):
        await send(world, event_token(world))
    await world.save(replace(REGISTER, onboarding=Onboarding()))
    with pytest.raises(NoRegisterError):
        await send(world, event_token(world))
    assert await status(world) is AccountStatus.ACTIVE


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"iss": "nobody"}, "invalid_issuer"),
        ({"iss": "portal"}, "invalid_key"),
        ({"iss": None}, "invalid_issuer"),
        ({"signer": ClientSigner("events-1")}, "invalid_key"),
    ],
)
async def test_nobody_else_speaks_for_a_register(world: World, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(SecurityEventError) as refused:
        await send(world, event_token(world, **changes))
    assert refused.value.code == code
    assert await status(world) is AccountStatus.ACTIVE
    assert (await world.audited("access.refused"))[-1]["error"] == code


async def test_a_disabled_register_is_none(world: World) -> None:
    await world.save(replace(REGISTER, disabled=True))
    with pytest.raises(SecurityEventError) as refused:
        await send(world, event_token(world))
    assert refused.value.code == "invalid_issuer"


async def test_a_wrong_key_is_told_before_who_may_send(world: World) -> None:
    await world.save(replace(REGISTER, scopes=frozenset({"dossier.read"})))
    with pytest.raises(UnknownKeyOfRegisterError):
        await send(world, event_token(world, signer=ClientSigner("events-1")))


def register_of(*types: str) -> Client:
    return replace(REGISTER, metadata={**REGISTER.metadata, "register_event_types": list(types)})


async def test_a_register_tells_the_events_that_it_is_registered_for_and_no_others(world: World) -> None:
    await world.save(register_of(RegisterEvent.DEATH, RegisterEvent.DEATH_ANNULLED))
    others = set(RegisterEvent) - {*ABOUT_ORGANISATIONS, RegisterEvent.DEATH, RegisterEvent.DEATH_ANNULLED}
    for event in sorted(others):
        payload = {"personal_number": "001199000077"} if event is RegisterEvent.NUMBER_CHANGED else {}
        with pytest.raises(EventOfAnotherRegisterError) as refused:
            await send(world, event_token(world, event, payload=payload))
        assert refused.value.code == "access_denied"
    assert await status(world) is AccountStatus.ACTIVE
    assert await world.audited("register.event") == []
    told = await world.audited("access.refused")
    assert {(each["client_id"], each["error"]) for each in told} == {(REGISTER.client_id, "access_denied")}
    await send(world, event_token(world, RegisterEvent.DEATH))
    assert await status(world) is AccountStatus.LOCKED


async def test_who_may_tell_an_event_is_asked_each_time(world: World) -> None:
    token = event_token(world, RegisterEvent.DEATH)
    await world.save(register_of(RegisterEvent.CARD_LOCKED))
    with pytest.raises(EventOfAnotherRegisterError):
        await send(world, token)
    await world.save(REGISTER)
    await send(world, token)
    assert await status(world) is AccountStatus.LOCKED


async def test_a_contradiction_is_refused_for_good(world: World) -> None:
    taken = event_token(world, RegisterEvent.NUMBER_CHANGED, payload={"personal_number": "001085000002"})
    with pytest.raises(SecurityEventError) as refused:
        await send(world, taken)
    assert refused.value.code == "invalid_request"
