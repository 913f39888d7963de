from asyncio import gather

import pytest

from idp.domain.ids import ClientId, GrantId, Seconds
from idp.domain.levels.assurance import Level
from idp.ports.vault import VaultError
from idp.protocol.decoupled.request import Backchannel, DecoupledRequest, Kind
from idp.protocol.decoupled.requests import KEPT_AFTER, reference_of
from idp.protocol.tokens.authorization_code import Replayed
from tests.protocol.decoupled.asking import Asking
from tests.protocol.world import World


def asked(world: World) -> DecoupledRequest:
    now = world.clock.now()
    return DecoupledRequest(
        Kind.BACKCHANNEL,
        ClientId("portal"),
        GrantId("grant-1"),
        ("openid",),
        Level.TWO,
        created_at=now,
        expires_at=Seconds(now + 60),
        backchannel=Backchannel(world.citizen, "approval", 0, binding_message="Hộ chiếu số 7"),
    )


async def test_a_request_is_found_as_it_was_stored_and_a_little_longer_than_it_lives(
    asking: Asking, world: World
) -> None:
    reference = await asking.requests.begin("handle", asked(world))
    world.clock.seconds += 60 + KEPT_AFTER - 1
    loaded = await asking.requests.find(reference, world.clock.now())
    assert loaded is not None
    assert loaded.request.backchannel is not None
    assert loaded.request.backchannel.binding_message == "Hộ chiếu số 7"
    world.clock.seconds += 1
    assert await asking.requests.find(reference, world.clock.now()) is None


async def test_the_store_holds_neither_the_handle_nor_what_was_asked_of_whom(asking: Asking, world: World) -> None:
    reference = await asking.requests.begin("handle-in-clear", asked(world))
    stored = await world.stores.short_lived.get(reference, world.clock.now())
    assert stored is not None
    for secret in ("handle-in-clear", "Hộ chiếu", world.citizen):
        assert secret.encode() not in stored
    assert "handle" not in reference


async def test_what_was_moved_to_another_handle_does_not_open(asking: Asking, world: World) -> None:
    reference = await asking.requests.begin("one", asked(world))
    stored = await world.stores.short_lived.get(reference, world.clock.now())
    assert stored is not None
    other = reference_of(Kind.BACKCHANNEL, "other")
    await world.stores.short_lived.put(other, stored, Seconds(world.clock.now() + 60))
    with pytest.raises(VaultError):
        await asking.requests.find(other, world.clock.now())


async def test_a_change_counts_only_where_nobody_changed_it_meanwhile(asking: Asking, world: World) -> None:
    reference = await asking.requests.begin("handle", asked(world))
    loaded = await asking.requests.find(reference, world.clock.now())
    assert loaded is not None
    assert await asking.requests.replace(loaded, loaded.request.denied())
    assert not await asking.requests.replace(loaded, loaded.request.polled(world.clock.now()))


async def test_fifty_claims_at_once_find_one_request_and_then_its_tombstone(asking: Asking, world: World) -> None:
    reference = await asking.requests.begin("handle", asked(world))
    outcomes = await gather(*(asking.requests.claim(reference, world.clock.now()) for _ in range(50)))
    assert sum(isinstance(outcome, DecoupledRequest) for outcome in outcomes) == 1
    assert sum(outcome == Replayed(GrantId("grant-1")) for outcome in outcomes) == 49
    assert await asking.requests.claim(reference_of(Kind.DEVICE, "never"), world.clock.now()) is None


async def test_of_fifty_who_decide_at_once_one_is_let_in(asking: Asking, world: World) -> None:
    reference, now = await asking.requests.begin("handle", asked(world)), world.clock.now()
    loaded = await asking.requests.find(reference, now)
    assert loaded is not None
    outcomes = await gather(*(asking.requests.begin_decision(loaded, now) for _ in range(50)))
    assert outcomes.count(True) == 1
    await asking.requests.abandon_decision(reference)
    assert await asking.requests.begin_decision(loaded, now)
