import asyncio

import pytest

from idp.adapters.sql.short_lived import SqlShortLivedStore
from idp.domain.ids import Seconds
from idp.ports.clock import CLOCK_TOLERANCE
from idp.protocol.replay_marks import ReplayedError, ReplayMarks
from tests.protocol.world import World


async def test_an_identifier_is_good_once(world: World) -> None:
    marks = ReplayMarks(world.stores.short_lived, world.clock)
    now = world.clock.now()
    await marks.use("proof", "key", "one", now, now + 60)
    with pytest.raises(ReplayedError):
        await marks.use("proof", "key", "one", now, now + 60)


@pytest.mark.parametrize("good_until", [-1000, 0, 1, -(10**30)])
async def test_a_mark_outlives_the_request_whatever_end_its_token_has(world: World, good_until: int) -> None:
    marks = ReplayMarks(world.stores.short_lived, world.clock)
    await marks.use("proof", "key", "one", world.clock.now(), good_until)
    for _ in range(5):
        with pytest.raises(ReplayedError):
            await marks.use("proof", "key", "one", world.clock.now(), good_until)


async def test_an_identifier_may_be_any_characters_that_json_can_hold(world: World) -> None:
    marks = ReplayMarks(world.stores.short_lived, world.clock)
    now = world.clock.now()
    await marks.use("proof", "key", "\ud800", now, now + 60)
    with pytest.raises(ReplayedError):
        await marks.use("proof", "key", "\ud800", now, now + 60)


async def test_identifiers_of_another_holder_or_kind_are_others(world: World) -> None:
    marks = ReplayMarks(world.stores.short_lived, world.clock)
    now = world.clock.now()
    await marks.use("proof", "key", "one", now, now + 60)
    await marks.use("proof", "another key", "one", now, now + 60)
    await marks.use("assertion", "key", "one", now, now + 60)


async def test_of_fifty_at_once_one_gets_through(world: World) -> None:
    marks = ReplayMarks(world.stores.short_lived, world.clock)
    now = world.clock.now()
    tries = [marks.use("proof", "key", "one", now, now + 60) for _ in range(50)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(outcome is None for outcome in outcomes) == 1
    assert all(outcome is None or isinstance(outcome, ReplayedError) for outcome in outcomes)


async def test_what_is_older_than_the_memory_of_the_store_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = world.clock.now()

    async def since_now(_store: SqlShortLivedStore, asked_at: Seconds) -> Seconds:
        return asked_at

    monkeypatch.setattr(SqlShortLivedStore, "remembers_since", since_now)
    marks = ReplayMarks(world.stores.short_lived, world.clock)
    with pytest.raises(ReplayedError):
        await marks.use("proof", "key", "before", now + CLOCK_TOLERANCE, now + 60)
    await marks.use("proof", "key", "after", now + CLOCK_TOLERANCE + 1, now + 60)
