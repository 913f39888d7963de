from dataclasses import replace

import pytest

from idp.domain.ids import Seconds, TokenHash
from idp.protocol.tokens.refresh_grace import RefreshGrace
from tests.protocol.world import PORTAL, World

USED, NEXT = TokenHash(b"used"), TokenHash(b"next")


@pytest.mark.parametrize(("registered", "seconds"), [(None, None), (0, None), (-5, None), (10, 10), (3600, 60)])
def test_a_grace_is_off_unless_registered_and_a_minute_at_most(
    world: World, registered: int | None, seconds: int | None
) -> None:
    grace = RefreshGrace(world.stores.short_lived, world.clock)
    client = replace(PORTAL, metadata={"refresh_token_grace_seconds": registered})
    assert grace.of(client) == (None if seconds is None else world.clock.now() + seconds)


async def test_a_grace_is_for_one_token_and_its_own_successor(world: World) -> None:
    grace = RefreshGrace(world.stores.short_lived, world.clock)
    client = replace(PORTAL, metadata={"refresh_token_grace_seconds": 10})
    ends = Seconds(world.clock.now() + 10)
    await grace.remember(USED, NEXT, ends)
    assert await grace.until(client, USED, NEXT) == ends
    assert await grace.until(client, NEXT, USED) is None
    assert await grace.until(client, USED, TokenHash(b"other")) is None
    assert await grace.until(PORTAL, USED, NEXT) is None
    world.clock.seconds = ends
    assert await grace.until(client, USED, NEXT) is None
