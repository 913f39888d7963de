from asyncio import gather

from idp.domain.ids import ClientId, Seconds
from idp.protocol.ciba.waiting import MOST_OF_ONE_CLIENT, MOST_WAITING, Place, Waiting, WaitingRequests
from idp.protocol.decoupled.requests import Reference
from tests.protocol.world import World

WAITING = Waiting("approval-1", Reference("ciba:1"))


def of_client(number: int) -> ClientId:
    return ClientId(f"client-{number}")


async def test_of_fifty_requests_at_once_as_many_wait_as_there_are_places(world: World) -> None:
    waiting, now = WaitingRequests(world.stores.short_lived), world.clock.now()
    places = await gather(
        *(waiting.take_place(world.citizen, of_client(turn), now, Seconds(now + 60)) for turn in range(50))
    )
    taken = [place.slot for place in places if place is not None]
    assert sorted(taken) == list(range(MOST_WAITING))


async def test_of_fifty_requests_of_one_client_a_few_wait_and_the_others_find_places(world: World) -> None:
    waiting, now = WaitingRequests(world.stores.short_lived), world.clock.now()
    places = await gather(*(waiting.take_place(world.citizen, of_client(0), now, Seconds(now + 60)) for _ in range(50)))
    assert sum(place is not None for place in places) == MOST_OF_ONE_CLIENT == 3
    for turn in range(1, 1 + MOST_WAITING - MOST_OF_ONE_CLIENT):
        assert await waiting.take_place(world.citizen, of_client(turn), now, Seconds(now + 60)) is not None


async def test_a_client_that_found_the_person_full_has_lost_no_place_of_its_own(world: World) -> None:
    waiting, now = WaitingRequests(world.stores.short_lived), world.clock.now()
    places = [await waiting.take_place(world.citizen, of_client(turn), now, Seconds(now + 60)) for turn in range(10)]
    for _ in range(MOST_OF_ONE_CLIENT + 1):
        assert await waiting.take_place(world.citizen, of_client(99), now, Seconds(now + 60)) is None
    assert places[0] is not None
    await waiting.give_place_back(world.citizen, of_client(0), places[0])
    assert await waiting.take_place(world.citizen, of_client(99), now, Seconds(now + 60)) == Place(0, 0)


async def test_a_place_is_free_again_once_it_was_given_back_or_its_request_is_over(world: World) -> None:
    waiting, now = WaitingRequests(world.stores.short_lived), world.clock.now()
    for turn in range(MOST_WAITING):
        await waiting.take_place(world.citizen, of_client(turn), now, Seconds(now + 60))
    late = of_client(99)
    assert await waiting.take_place(world.citizen, late, now, Seconds(now + 60)) is None
    assert await waiting.take_place(world.officer, late, now, Seconds(now + 60)) == Place(0, 0)
    await waiting.give_place_back(world.citizen, of_client(3), Place(3, 0))
    assert await waiting.take_place(world.citizen, late, now, Seconds(now + 60)) == Place(3, 0)
    assert await waiting.take_place(world.citizen, late, Seconds(now + 119), Seconds(now + 300)) is None
    assert await waiting.take_place(world.citizen, late, Seconds(now + 120), Seconds(now + 300)) == Place(0, 0)


async def test_what_waits_is_its_persons_alone_and_until_it_expires(world: World) -> None:
    waiting, now = WaitingRequests(world.stores.short_lived), world.clock.now()
    await waiting.put(world.citizen, 4, WAITING, Seconds(now + 60))
    assert await waiting.of(world.citizen, Seconds(now + 59)) == (WAITING,)
    assert await waiting.of(world.officer, now) == ()
    assert await waiting.of(world.citizen, Seconds(now + 60)) == ()
