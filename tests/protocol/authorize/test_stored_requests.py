import asyncio

import pytest

from idp.assembly.authorization import stored_requests
from idp.journeys.attempt import LIFETIME as ATTEMPT_LIFETIME
from idp.protocol.authorize.parameters import RequestParameters
from idp.protocol.authorize.stored_requests import LIFETIME, POSTED_LIFETIME, URN
from idp.protocol.errors import InvalidRequestUriError
from tests.protocol.world import OTHER, PORTAL, World

ASKED = RequestParameters({"client_id": "portal", "login_hint": "anh@example.vn"}, ("https://api.example.vn",))


async def push(world: World) -> str:
    return await stored_requests(world.parts).push(PORTAL.client_id, ASKED)


async def test_a_pushed_request_comes_back_with_its_reference(world: World) -> None:
    request_uri = await push(world)
    opened = await stored_requests(world.parts).open(request_uri, "portal")
    assert (opened.values, opened.resources, opened.reference) == (ASKED.values, ASKED.resources, request_uri)


async def test_a_reference_is_256_random_bits(world: World) -> None:
    first, second = await push(world), await push(world)
    assert first != second
    assert first.startswith(URN)
    assert len(first.removeprefix(URN)) == 43


async def test_it_may_be_opened_again_until_it_is_spent(world: World) -> None:
    request_uri, stored = await push(world), stored_requests(world.parts)
    await stored.open(request_uri, "portal")
    await stored.open(request_uri, "portal")
    await stored.spend(request_uri)
    with pytest.raises(InvalidRequestUriError):
        await stored.open(request_uri, "portal")


async def test_it_must_be_opened_in_time(world: World) -> None:
    request_uri = await push(world)
    world.clock.seconds += LIFETIME - 1
    await stored_requests(world.parts).open(request_uri, "portal")
    world.clock.seconds += 1
    with pytest.raises(InvalidRequestUriError):
        await stored_requests(world.parts).open(request_uri, "portal")


async def test_who_opened_it_in_time_may_take_a_whole_attempt_to_answer(world: World) -> None:
    request_uri = await push(world)
    world.clock.seconds += LIFETIME - 1 + ATTEMPT_LIFETIME
    await stored_requests(world.parts).spend(request_uri)


async def test_it_is_spent_once(world: World) -> None:
    request_uri = await push(world)
    outcomes = await asyncio.gather(
        *(stored_requests(world.parts).spend(request_uri) for _ in range(50)), return_exceptions=True
    )
    assert outcomes.count(None) == 1
    assert sum(isinstance(outcome, InvalidRequestUriError) for outcome in outcomes) == 49


async def test_another_client_s_is_not_opened_and_stays(world: World) -> None:
    request_uri = await push(world)
    with pytest.raises(InvalidRequestUriError):
        await stored_requests(world.parts).open(request_uri, OTHER.client_id)
    await stored_requests(world.parts).open(request_uri, "portal")


@pytest.mark.parametrize("request_uri", [URN, URN + "a" * 43, URN + "é\0", "urn:ietf:params:oauth:request_uri"])
async def test_what_was_never_pushed_is_unknown(world: World, request_uri: str) -> None:
    with pytest.raises(InvalidRequestUriError):
        await stored_requests(world.parts).open(request_uri, "portal")
    with pytest.raises(InvalidRequestUriError):
        await stored_requests(world.parts).spend(request_uri)


async def test_nothing_personal_stands_open_in_the_store(world: World) -> None:
    await push(world)
    await stored_requests(world.parts).keep_posted(ASKED.pairs)
    await world.foundation.close()
    folder = world.foundation.settings.secret_file.parent
    assert all(b"anh@example.vn" not in path.read_bytes() for path in folder.glob("idp.db*"))


async def test_a_posted_request_is_taken_once(world: World) -> None:
    stored = stored_requests(world.parts)
    name = await stored.keep_posted(ASKED.pairs)
    outcomes = await asyncio.gather(*(stored.take_posted(name) for _ in range(50)))
    assert [outcome for outcome in outcomes if outcome is not None] == [ASKED.pairs]


async def test_a_posted_request_bridges_one_redirect_and_no_more(world: World) -> None:
    name = await stored_requests(world.parts).keep_posted(ASKED.pairs)
    world.clock.seconds += POSTED_LIFETIME
    assert await stored_requests(world.parts).take_posted(name) is None
    assert await stored_requests(world.parts).take_posted("unknown") is None


async def test_a_posted_request_was_not_pushed(world: World) -> None:
    stored = stored_requests(world.parts)
    name = await stored.keep_posted(ASKED.pairs)
    with pytest.raises(InvalidRequestUriError):
        await stored.open(URN + name, "portal")
    assert await stored.take_posted((await push(world)).removeprefix(URN)) is None
