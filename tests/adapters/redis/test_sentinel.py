import asyncio

import pytest

from idp.domain.ids import Seconds
from idp.domain.outcomes import AlreadyUsed, Claimed, Unknown
from idp.ports.errors import StoreUnavailableError
from tests.adapters.redis.conftest import Opener
from tests.adapters.redis.recovery import until_it_answers
from tests.adapters.turned_clock import START, TurnedClock
from tests.valkey import ValkeyServer, WatchedPair, eventually, has_followed

now = Seconds(START)
SOON = Seconds(START + 60)
LATER = Seconds(START + 600)
pytestmark = pytest.mark.slow  # three servers are started for each test, and killed


async def test_when_the_primary_dies_the_store_goes_on_with_the_replica(
    opened: Opener, pair: WatchedPair, clock: TurnedClock
) -> None:
    store = opened(pair.url)
    await store.put("code:1", b"value", LATER, tombstone="grant-1")
    assert await store.claim("code:1", now, keep_until=LATER) == Claimed(b"value")
    await store.put("session:1", b"signed in", LATER)
    assert await store.remembers_since(now) == now
    eventually(lambda: has_followed(pair.servers[1], pair.servers[0]), "a replica that has everything")
    pair.servers[0].stop()
    clock.seconds += 30
    await until_it_answers(lambda: store.put("session:2", b"after", LATER))
    assert await store.get("session:1", now) == b"signed in"
    assert await store.claim("code:1", now, keep_until=LATER) == AlreadyUsed("grant-1")
    # The replica may have missed what the primary took last.
    assert await store.remembers_since(Seconds(now + 40)) == now + 30


async def test_a_primary_that_stood_still_is_not_believed_when_it_goes_on(opened: Opener, pair: WatchedPair) -> None:
    idle, busy = opened(pair.url), opened(pair.url)
    await idle.put("code:1", b"value", LATER, tombstone="grant-1")
    await busy.get("code:1", now)
    eventually(lambda: has_followed(pair.servers[1], pair.servers[0]), "a replica that has everything")
    pair.servers[0].pause()
    await until_it_answers(lambda: busy.put("session:1", b"", LATER))
    assert await busy.claim("code:1", now, keep_until=LATER) == Claimed(b"value")
    eventually(lambda: pair.primary() == pair.servers[1].port, "another primary")
    # The old one goes on with everything it held; the idle process still has its line.
    pair.servers[0].resume()
    assert await idle.remembers_since(Seconds(now + 50)) == await busy.remembers_since(Seconds(now + 60))
    await until_it_answers(lambda: idle.get("session:1", now))
    assert await idle.claim("code:1", now, keep_until=LATER) == AlreadyUsed("grant-1")


async def test_without_sentinels_the_known_primary_is_kept(opened: Opener, pair: WatchedPair) -> None:
    store = opened(pair.url)
    await store.put("code:1", b"value", LATER)
    pair.sentinels[0].stop()
    await asyncio.sleep(1.1)  # after which the line has to be confirmed
    for _ in range(3):
        assert await store.get("code:1", now) == b"value"
        await asyncio.sleep(0.05)


async def test_a_sentinel_that_is_down_is_passed_over(opened: Opener, pair: WatchedPair, valkey: ValkeyServer) -> None:
    down = f"127.0.0.1:{valkey.port}"
    valkey.stop()
    store = opened(pair.url.replace("://", f"://{down},"))
    await store.put("code:1", b"value", LATER)
    assert await store.claim("code:2", now, keep_until=LATER) == Unknown()


async def test_an_unknown_service_is_an_unavailable_store(opened: Opener, pair: WatchedPair) -> None:
    with pytest.raises(StoreUnavailableError):
        await opened(pair.url.replace("/idp", "/other")).get("code:1", now)


async def test_sentinels_that_take_no_password_are_asked_without_one(opened: Opener, pair: WatchedPair) -> None:
    for server in pair.servers:
        server.run("ACL", "SETUSER", "idp", "on", ">secret", "~idp1:*", "+@all")
    store = opened(pair.url.replace("://", "://idp:secret@"))
    await store.put("code:1", b"value", LATER)
    assert await store.get("code:1", now) == b"value"
