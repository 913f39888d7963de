"""What the port's contract cannot ask of every engine: a server that stops, loses, is full, or lies elsewhere."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import redis

from idp.adapters.redis.entries import server_key
from idp.adapters.redis.short_lived import SLACK, ServerHabits
from idp.domain.ids import Seconds
from idp.domain.outcomes import AlreadyUsed, Claimed
from idp.ports.errors import StoreAnsweredError, StoreUnavailableError
from idp.ports.short_lived import Throttle
from tests.adapters.redis.conftest import TIMEOUT, Opener
from tests.adapters.redis.muted_server import MutedServer
from tests.adapters.redis.recovery import until_it_answers
from tests.adapters.turned_clock import START, TurnedClock
from tests.valkey import PATIENCE, ValkeyServer, cluster, eventually, server

now = Seconds(START)
SOON = Seconds(START + 60)
LATER = Seconds(START + 600)
pytestmark = pytest.mark.slow  # most tests start a server of their own, to stop or wipe it
GUIDE = Path(__file__).parents[3] / "docs/short-lived-state.md"


@pytest.fixture(params=["single", "cluster"])
def url(request: pytest.FixtureRequest) -> str:
    if request.param == "single":
        server().run("FLUSHALL")
        return server().url
    cluster().empty()
    return cluster().url


async def test_of_50_claims_from_two_processes_one_gets_the_value(opened: Opener, url: str) -> None:
    one, other = opened(url), opened(url)
    await one.put("code:1", b"value", SOON, tombstone="grant-1")
    claims = [store.claim("code:1", now, keep_until=LATER) for store in (one, other) for _ in range(25)]
    answers = await asyncio.gather(*claims)
    assert answers.count(Claimed(b"value")) == 1
    assert answers.count(AlreadyUsed("grant-1")) == 49


async def test_the_server_forgets_by_the_time_left_and_not_by_the_time_of_day(
    opened: Opener, valkey: ValkeyServer, clock: TurnedClock
) -> None:
    store = opened(valkey.url)
    for ahead in (-86_400, 0, 86_400):
        clock.seconds = START + ahead
        at = clock.now()
        await store.put(f"code:{ahead}", b"value", Seconds(at + 60))
        await store.increment(f"tries:{ahead}", at, Seconds(at + 60))
        assert await store.take((Throttle(f"throttle:{ahead}", burst=1, interval=60),), at) == 0
        for kind in ("code", "tries", "throttle"):
            left = valkey.admin().pttl(server_key(f"{kind}:{ahead}"))
            assert (SLACK + 55) * 1000 < left <= (SLACK + 60) * 1000


async def test_a_tombstone_stays_for_its_time_and_a_counter_keeps_its_own(opened: Opener, valkey: ValkeyServer) -> None:
    store = opened(valkey.url)
    await store.put("code:1", b"value", SOON, tombstone="grant-1")
    await store.claim("code:1", now, keep_until=LATER)
    assert valkey.admin().pttl(server_key("code:1")) > (SLACK + 590) * 1000
    await store.increment("tries:1", now, SOON)
    await store.increment("tries:1", now, LATER)
    assert valkey.admin().pttl(server_key("tries:1")) <= (SLACK + 60) * 1000


async def test_every_key_carries_the_version_and_is_its_own_hash_tag(opened: Opener, valkey: ValkeyServer) -> None:
    store = opened(valkey.url)
    await store.put("code:{odd}1", b"", SOON)
    await store.increment("tries:1", now, SOON)
    await store.take((Throttle("throttle:1", burst=1, interval=1),), now)
    assert set(valkey.admin().keys()) == {
        b"idp1:{code:{odd}1}",
        b"idp1:{tries:1}",
        b"idp1:{throttle:1}",
        b"idp1:{epoch}",
    }


async def test_scripts_that_a_server_forgot_are_sent_again(opened: Opener, valkey: ValkeyServer) -> None:
    store = opened(valkey.url)
    assert await store.increment("tries:1", now, SOON) == 1
    valkey.run("SCRIPT", "FLUSH")
    assert await store.increment("tries:1", now, SOON) == 2


async def test_a_server_that_stands_still_is_given_up_in_time(opened: Opener, valkey: ValkeyServer) -> None:
    store = opened(valkey.url)
    await store.put("code:1", b"value", SOON)
    valkey.pause()
    for _ in range(2):  # on an open line, and on one that is yet to be opened
        began = time.monotonic()
        with pytest.raises(StoreUnavailableError):
            await store.get("code:1", now)
        assert time.monotonic() - began < 2 * TIMEOUT
    valkey.resume()
    await until_it_answers(lambda: store.get("code:1", now))
    assert await store.get("code:1", now) == b"value"


async def test_a_server_that_comes_back_is_found_without_a_restart(opened: Opener, valkey: ValkeyServer) -> None:
    store = opened(valkey.url)
    await store.put("code:1", b"value", SOON)
    valkey.stop()
    with pytest.raises(StoreUnavailableError):
        await store.put("code:1", b"value", SOON)
    valkey.start()
    await until_it_answers(lambda: store.put("code:2", b"value", SOON))
    assert await store.get("code:1", now) is None
    assert await store.get("code:2", now) == b"value"


async def test_a_connection_that_broke_unused_fails_nobody(opened: Opener, valkey: ValkeyServer) -> None:
    store = opened(valkey.url)
    await store.put("code:1", b"value", SOON)
    valkey.run("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    await asyncio.sleep(0.05)  # lets the news arrive
    assert await store.claim("code:1", now, keep_until=LATER) == Claimed(b"value")


async def test_a_claim_whose_answer_was_lost_is_not_repeated(opened: Opener, valkey: ValkeyServer) -> None:
    async with MutedServer(valkey.port) as muted:
        store = opened(muted.url)
        await store.put("code:1", b"value", SOON, tombstone="grant-1")
        await store.increment("tries:1", now, SOON)
        await store.claim("code:2", now, keep_until=LATER)  # the server knows the scripts now
        muted.cut_next_answer()
        with pytest.raises(StoreUnavailableError):
            await store.claim("code:1", now, keep_until=LATER)
        await store.get("code:1", now)  # there is a connection again
        muted.cut_next_answer()
        with pytest.raises(StoreUnavailableError):
            await store.increment("tries:1", now, SOON)
    direct = opened(valkey.url)
    assert await direct.claim("code:1", now, keep_until=LATER) == AlreadyUsed("grant-1")
    assert await direct.increment("tries:1", now, SOON) == 3


async def test_what_does_no_harm_twice_is_repeated_when_its_answer_was_lost(
    opened: Opener, valkey: ValkeyServer
) -> None:
    async with MutedServer(valkey.port) as muted:
        store = opened(muted.url)
        await store.put("code:1", b"value", SOON)
        operations: tuple[Callable[[], Awaitable[bytes | None]], ...] = (
            lambda: store.get("code:1", now),
            lambda: store.put("code:1", b"value", SOON),
            lambda: store.delete("code:1"),
        )
        for operation in operations:
            muted.cut_next_answer()
            assert await operation() in (b"value", None)
            assert muted.cut == 0
        once = opened(muted.url, retries=0)
        await once.get("code:1", now)
        muted.cut_next_answer()
        with pytest.raises(StoreUnavailableError):
            await once.get("code:1", now)


async def test_what_waits_for_its_turn_waits_no_longer_than_the_time_out(opened: Opener, valkey: ValkeyServer) -> None:
    store = opened(valkey.url, limit=2)
    await store.put("code:1", b"value", SOON)
    valkey.pause()
    began = time.monotonic()
    answers = await asyncio.gather(*(store.get("code:1", now) for _ in range(20)), return_exceptions=True)
    assert time.monotonic() - began < 2 * TIMEOUT
    assert {type(answer) for answer in answers} == {StoreUnavailableError}


async def test_no_more_are_under_way_than_the_limit_and_all_get_their_turn(
    opened: Opener, valkey: ValkeyServer
) -> None:
    store = opened(valkey.url, limit=2)
    assert sorted(await asyncio.gather(*(store.increment("tries:1", now, SOON) for _ in range(50)))) == list(
        range(1, 51)
    )
    assert len(valkey.admin().client_list()) == 2  # ours, shared by all, and the one that asks


@pytest.mark.parametrize(
    ("setting", "value"), [("min-replicas-to-write", "1"), ("maxmemory", "1")], ids=["NOREPLICAS", "OOM"]
)
async def test_a_write_that_the_server_refuses_is_not_taken_for_done(
    opened: Opener, valkey: ValkeyServer, setting: str, value: str
) -> None:
    store = opened(valkey.url)
    await store.put("code:1", b"value", SOON, tombstone="grant-1")
    valkey.run("CONFIG", "SET", setting, value)
    with pytest.raises(StoreUnavailableError):
        await store.put("code:2", b"value", SOON)
    with pytest.raises(StoreUnavailableError):
        await store.claim("code:1", now, keep_until=LATER)
    with pytest.raises(StoreUnavailableError):
        await store.take((Throttle("throttle:1", burst=1, interval=60),), now)
    valkey.run("CONFIG", "SET", setting, "0")
    assert await store.claim("code:1", now, keep_until=LATER) == Claimed(b"value")


@pytest.mark.parametrize("written", ["-990:1", "", "1", "one:two", "99999999999:"])
async def test_what_is_no_counter_counts_as_none(opened: Opener, written: str) -> None:
    server().run("FLUSHALL")
    server().admin().set(server_key("tries:1"), written)
    store = opened(server().url)
    assert [await store.increment("tries:1", now, SOON) for _ in range(2)] == [1, 2]


async def test_that_one_request_is_refused_does_not_say_that_the_server_is_gone(opened: Opener) -> None:
    server().run("FLUSHALL")
    server().admin().lpush(server_key("tries:1"), "not even a text")
    store = opened(server().url)
    with pytest.raises(StoreAnsweredError):
        await store.increment("tries:1", now, SOON)
    with pytest.raises(StoreAnsweredError):
        await store.get("tries:1", now)
    assert await store.increment("tries:2", now, SOON) == 1


async def test_a_server_that_became_a_replica_is_left(opened: Opener, valkey: ValkeyServer) -> None:
    store = opened(valkey.url)
    await store.put("code:1", b"value", SOON)
    valkey.run("REPLICAOF", "127.0.0.1", "1")
    with pytest.raises(StoreUnavailableError):
        await store.put("code:1", b"other", SOON)
    with pytest.raises(StoreUnavailableError):
        await store.claim("code:1", now, keep_until=LATER)
    for known_there in (store, opened(valkey.url)):
        with pytest.raises(StoreUnavailableError):
            await known_there.get("code:1", now)
    valkey.run("REPLICAOF", "NO", "ONE")
    await until_it_answers(lambda: store.get("code:1", now))


async def test_a_server_that_still_reads_its_file_is_waited_for(opened: Opener, valkey: ValkeyServer) -> None:
    store, patient = opened(valkey.url, timeout=0.2), opened(valkey.url, timeout=PATIENCE)
    await asyncio.gather(*(patient.put(f"code:{number}", b"value", SOON) for number in range(500)))
    valkey.run("SAVE")
    valkey.stop()
    with (valkey.folder / "valkey.conf").open("a") as settings:
        settings.write("key-load-delay 2000\nloading-process-events-interval-bytes 1024\n")
    valkey.launch()
    eventually(valkey.accepts, "a server that listens")
    with pytest.raises(StoreUnavailableError):
        await store.get("code:1", now)
    await until_it_answers(lambda: store.get("code:1", now))
    assert await opened(valkey.url).get("code:1", now) == b"value"


async def test_a_password_is_used_and_a_wrong_one_is_an_unavailable_store(opened: Opener, valkey: ValkeyServer) -> None:
    valkey.run("ACL", "SETUSER", "idp", "on", ">secret", "resetkeys", "~idp1:*", "+@all")
    valkey.run("ACL", "SETUSER", "default", "off")
    place = f"127.0.0.1:{valkey.port}"
    with pytest.raises(StoreUnavailableError):
        await opened(f"redis://{place}").get("code:1", now)
    with pytest.raises(StoreUnavailableError):
        await opened(f"redis://idp:wrong@{place}").get("code:1", now)
    store = opened(f"redis://idp:secret@{place}/3")
    await store.put("code:1", b"value", SOON)
    assert await store.claim("code:1", now, keep_until=LATER) == Claimed(b"value")


async def test_databases_of_one_server_are_apart(opened: Opener, valkey: ValkeyServer) -> None:
    await opened(f"{valkey.url}/1").put("code:1", b"value", SOON)
    assert await opened(f"{valkey.url}/2").get("code:1", now) is None
    assert await opened(f"{valkey.url}/1").get("code:1", now) == b"value"


async def test_a_closed_store_answers_nobody(opened: Opener, valkey: ValkeyServer) -> None:
    store = opened(valkey.url)
    await store.put("code:1", b"value", SOON)
    await store.close()
    assert len(valkey.admin().client_list()) == 1


async def test_a_caller_who_goes_away_leaves_the_others_their_answers(opened: Opener, valkey: ValkeyServer) -> None:
    store = opened(valkey.url)
    await store.put("code:1", b"one", SOON)
    await store.put("code:2", b"two", SOON)
    gone = asyncio.create_task(store.get("code:1", now))
    stays = asyncio.create_task(store.get("code:2", now))
    await asyncio.sleep(0)
    gone.cancel()
    assert await stays == b"two"
    assert await store.get("code:1", now) == b"one"


async def test_a_wiped_store_remembers_nothing_from_before(opened: Opener, url: str, clock: TurnedClock) -> None:
    store, other = opened(url), opened(url)
    first = await store.remembers_since(now)
    assert first == now
    assert await other.remembers_since(Seconds(now + 50)) == now
    for place in (server(), *cluster().nodes) if "cluster" in url else (server(),):
        place.run("FLUSHALL")
    assert await store.remembers_since(Seconds(now + 100)) == now + 100
    assert await other.remembers_since(Seconds(now + 200)) == now + 100


async def test_a_mark_in_a_store_that_was_wiped_says_so(opened: Opener, url: str) -> None:
    store = opened(url)
    assert await store.mark("jti:1", now, LATER) == (1, now)
    for place in (server(), *cluster().nodes) if "cluster" in url else (server(),):
        place.run("FLUSHALL")
    assert await store.mark("jti:1", Seconds(now + 100), LATER) == (1, now + 100)
    assert await store.mark("jti:1", Seconds(now + 200), LATER) == (2, now + 100)


async def test_a_mark_in_a_server_that_restarted_says_so(
    opened: Opener, valkey: ValkeyServer, clock: TurnedClock
) -> None:
    store = opened(valkey.url)
    assert await store.mark("jti:1", now, LATER) == (1, now)
    valkey.stop()
    valkey.start()
    clock.seconds += 100
    await until_it_answers(lambda: store.get("code:1", clock.now()))
    _, since = await store.mark("jti:1", clock.now(), LATER)
    assert since == now + 100


async def test_a_loss_on_one_of_three_servers_is_a_loss(opened: Opener) -> None:
    cluster().empty()
    store = opened(cluster().url)
    assert await store.remembers_since(now) == now
    cluster().nodes[1].run("FLUSHALL")
    assert await store.remembers_since(Seconds(now + 100)) == now + 100


async def test_a_restarted_server_may_have_forgotten_something_even_if_it_kept_a_file(
    opened: Opener, valkey: ValkeyServer, clock: TurnedClock
) -> None:
    store = opened(valkey.url)
    assert await store.remembers_since(now) == now
    await store.put("code:1", b"value", LATER)
    valkey.run("SAVE")
    valkey.stop()
    valkey.start()
    clock.seconds += 100
    await until_it_answers(lambda: store.get("code:1", clock.now()))
    assert await store.get("code:1", clock.now()) == b"value"
    # The new epoch began with the first connection, before anybody asked.
    assert await store.remembers_since(Seconds(now + 200)) == now + 100


async def test_buckets_in_several_slots_are_taken_from_all_or_none(opened: Opener) -> None:
    cluster().empty()
    store = opened(cluster().url)
    full = tuple(Throttle(f"throttle:{number}", burst=2, interval=10) for number in range(8))
    empty = Throttle("throttle:empty", burst=1, interval=600)
    assert await store.take((empty,), now) == 0
    for _ in range(5):
        assert await store.take((*full, empty), now) == 600
    assert [await store.take(full, now) for _ in range(3)] == [0, 0, 10]
    await store.give_back(full)
    assert [await store.take(full, now) for _ in range(2)] == [0, 10]


async def test_parallel_tries_in_several_slots_never_exceed_a_burst(opened: Opener) -> None:
    cluster().empty()
    # Forty tries wait for four servers on a machine that does much else.
    store = opened(cluster().url, timeout=20)
    buckets = tuple(Throttle(f"throttle:{number}", burst=7, interval=100) for number in range(4))
    waits = await asyncio.gather(*(store.take(buckets, now) for _ in range(40)))
    assert 1 <= waits.count(0) <= 7
    left = [await store.take(buckets, now) for _ in range(8)]
    assert waits.count(0) + left.count(0) == 7


async def test_servers_that_throw_values_away_or_keep_no_file_are_known(opened: Opener, valkey: ValkeyServer) -> None:
    store = opened(valkey.url)
    assert await store.habits() == ServerHabits(evicts=False, keeps_a_file=False)
    valkey.run("CONFIG", "SET", "maxmemory", "100mb")
    assert not (await store.habits()).evicts
    for policy in ("allkeys-lru", "volatile-ttl"):
        valkey.run("CONFIG", "SET", "maxmemory-policy", policy)
        assert (await store.habits()).evicts
    valkey.run("CONFIG", "SET", "appendonly", "yes")
    assert (await store.habits()).keeps_a_file


async def test_the_documented_rights_are_enough_for_everything(opened: Opener, valkey: ValkeyServer) -> None:
    rights = re.search(r"^ACL SETUSER idp on >PASSWORD (.+)$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    assert rights is not None
    valkey.run("ACL", "SETUSER", "idp", "on", ">secret", *rights[1].split())
    store = opened(valkey.url.replace("://", "://idp:secret@"))
    await store.put("code:1", b"value", SOON, tombstone="grant-1")
    assert await store.get("code:1", now) == b"value"
    assert await store.replace("code:1", b"value", b"other", SOON)
    assert await store.claim("code:1", now, keep_until=LATER) == Claimed(b"other")
    assert await store.increment("tries:1", now, SOON) == 1
    throttle = (Throttle("throttle:1", burst=1, interval=60),)
    assert await store.take(throttle, now) == 0
    await store.give_back(throttle)
    await store.delete("code:1")
    assert await store.remembers_since(now) == now
    await store.habits()
    with pytest.raises(redis.exceptions.NoPermissionError):
        redis.Redis(host="127.0.0.1", port=valkey.port, username="idp", password="secret").flushall()
