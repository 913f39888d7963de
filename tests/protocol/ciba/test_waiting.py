from asyncio import gather

from idp.domain.ids import Seconds
from idp.protocol.ciba.waiting import MOST_WAITING, Waiting, WaitingRequests
from idp.protocol.decoupled.requests import Reference
from tests.protocol.world import World

WAITING = Waiting("approval-1", Reference("ciba:1"))


async def test_of_fifty_requests_at_once_as_many_wait_as_there_are_places(world: World) -> None:
    waiting, now = WaitingRequests(world.stores.short_lived), world.clock.now()
    places = await gather(*(waiting.take_place(world.citizen, now, Seconds(now + 60)) for _ in range(50)))
    taken = [place for place in places if place is not None]
    assert sorted(taken) == list(range(MOST_WAITING))


async def test_a_place_is_free_again_once_it_was_given_back_or_its_request_is_over(world: World) -> None:
    waiting, now = WaitingRequests(world.stores.short_lived), world.clock.now()
    for _ in range(MOST_WAITING):
        await waiting.take_place(world.citizen, now, Seconds(now + 60))
    assert await waiting.take_place(world.citizen, now, Seconds(now + 60)) is None
    assert await waiting.take_place(world.officer, now, Seconds(now + 60)) == 0
    await waiting.give_place_back(world.citizen, 3)
    assert await waiting.take_place(world.citizen, now, Seconds(now + 60)) == 3
    assert await waiting.take_place(world.citizen, Seconds(now + 119), Seconds(now + 300)) is None
    assert await waiting.take_place(world.citizen, Seconds(now + 120), Seconds(now + 300)) == 0


async def test_what_waits_is_its_persons_alone_and_until_it_expires(world: World) -> None:
    waiting, now = WaitingRequests(world.stores.short_lived), world.clock.now()
    await waiting.put(world.citizen, 4, WAITING, Seconds(now + 60))
    assert await waiting.of(world.citizen, Seconds(now + 59)) == (WAITING,)
    assert await waiting.of(world.officer, now) == ()
    assert await waiting.of(world.citizen, Seconds(now + 60)) == ()
