import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis.crc import key_slot

from idp.adapters.redis.entries import server_key
from idp.domain.ids import Seconds
from idp.domain.outcomes import AlreadyUsed, Claimed
from idp.ports.errors import StoreUnavailableError
from idp.ports.short_lived import Throttle
from tests.adapters.redis.conftest import Opener
from tests.adapters.redis.recovery import until_it_answers
from tests.adapters.turned_clock import START
from tests.valkey import ValkeyCluster, ValkeyServer, cluster, eventually, has_followed

now = Seconds(START)
SOON = Seconds(START + 60)
LATER = Seconds(START + 600)
pytestmark = pytest.mark.slow  # servers are started, moved and killed
KEYS = [f"code:{number}" for number in range(60)]


@pytest.fixture
def own(folder: Path) -> Iterator[ValkeyCluster]:
    """A cluster that the test may change."""
    started = ValkeyCluster(folder).start()
    yield started
    started.discard()


def keeper(cluster_: ValkeyCluster, key: str) -> ValkeyServer:
    """The node that keeps a key at the start."""
    return cluster_.nodes[key_slot(server_key(key)) * len(cluster_.nodes) // 16384]


async def test_keys_of_all_slots_are_kept_and_claimed_through_one_known_node(opened: Opener) -> None:
    cluster().empty()
    store = opened(f"redis+cluster://127.0.0.1:{cluster().nodes[0].port}")
    await asyncio.gather(*(store.put(key, key.encode(), SOON, tombstone=key) for key in KEYS))
    assert all(int(str(node.run("DBSIZE"))) > 5 for node in cluster().nodes)
    claims = [store.claim(key, now, keep_until=LATER) for key in KEYS]
    assert await asyncio.gather(*claims) == [Claimed(key.encode()) for key in KEYS]
    assert await store.claim(KEYS[0], now, keep_until=LATER) == AlreadyUsed(KEYS[0])


async def test_every_operation_stays_in_its_slot(opened: Opener) -> None:
    cluster().empty()
    store = opened(cluster().url)
    for key in KEYS:  # a script that touched another slot would be refused
        await store.put(key, b"one", SOON)
        assert await store.replace(key, b"one", b"two", SOON)
        assert await store.increment(f"tries:{key}", now, SOON) == 1
        assert await store.take((Throttle(f"throttle:{key}", burst=1, interval=1),), now) == 0
        await store.give_back((Throttle(f"throttle:{key}", burst=1, interval=1),))
        await store.delete(key)


async def test_a_slot_that_moves_takes_its_keys_along(opened: Opener, own: ValkeyCluster) -> None:
    store = opened(own.url)
    for key in KEYS:
        await store.put(key, b"value", SOON, tombstone=key)
    slot = key_slot(server_key(KEYS[0]))
    source = keeper(own, KEYS[0])
    target = next(node for node in own.nodes if node is not source)
    source_id, target_id = (str(node.run("CLUSTER", "MYID")) for node in (source, target))
    target.run("CLUSTER", "SETSLOT", slot, "IMPORTING", source_id)
    source.run("CLUSTER", "SETSLOT", slot, "MIGRATING", target_id)
    source.run("MIGRATE", "127.0.0.1", target.port, server_key(KEYS[0]), 0, 5000)
    # Neither here nor there: the source points on (ASK).
    assert await store.get(KEYS[0], now) == b"value"
    assert await store.claim(KEYS[0], now, keep_until=LATER) == Claimed(b"value")
    for node in (target, source):
        node.run("CLUSTER", "SETSLOT", slot, "NODE", target_id)
    # Moved for good: the source knows (MOVED), and the store asks it no more.
    assert await store.claim(KEYS[0], now, keep_until=LATER) == AlreadyUsed(KEYS[0])
    for key in KEYS[1:]:
        assert await store.claim(key, now, keep_until=LATER) == Claimed(b"value")


async def test_the_other_nodes_keys_are_there_while_one_node_is_down(opened: Opener, own: ValkeyCluster) -> None:
    for node in own.nodes:
        node.run("CONFIG", "SET", "cluster-require-full-coverage", "no")
    store = opened(own.url)
    for key in KEYS:
        await store.put(key, b"value", SOON)
    down = own.nodes[0]
    down.stop()
    for key in KEYS:
        if keeper(own, key) is down:
            with pytest.raises(StoreUnavailableError):
                await store.get(key, now)
        else:
            assert await store.get(key, now) == b"value"
    with pytest.raises(StoreUnavailableError):
        await store.remembers_since(now)
    down.start()
    lost = next(key for key in KEYS if keeper(own, key) is down)
    await until_it_answers(lambda: store.put(lost, b"again", SOON))
    assert await store.get(lost, now) == b"again"


async def test_a_replica_that_took_over_is_found(opened: Opener, own: ValkeyCluster, folder: Path) -> None:
    replica = ValkeyServer(folder / "replica", own.nodes[0].settings).start()
    primary = own.nodes[0]
    try:
        replica.run("CLUSTER", "MEET", "127.0.0.1", primary.port)
        eventually(lambda: replica.run("CLUSTER", "REPLICATE", str(primary.run("CLUSTER", "MYID"))), "a replica")
        eventually(lambda: replica.admin().info("replication")["master_link_status"] == "up", "a replica in step")
        eventually(lambda: all("slave" in str(node.run("CLUSTER", "NODES")) for node in own.nodes), "all to know it")
        store = opened(own.url)
        key = next(key for key in KEYS if keeper(own, key) is primary)
        # Nodes that have just met speak of each other for a moment before they serve.
        await until_it_answers(lambda: store.remembers_since(now))
        assert await store.remembers_since(now) == now
        await store.put(key, b"value", SOON, tombstone=key)
        eventually(lambda: has_followed(replica, primary), "a replica that has the value")
        replica.run("CLUSTER", "FAILOVER", "TAKEOVER")
        eventually(lambda: replica.admin().info("replication")["role"] == "master", "a new primary")
        assert await store.claim(key, now, keep_until=LATER) == Claimed(b"value")
        assert await store.remembers_since(Seconds(now + 30)) >= now
    finally:
        replica.discard()


async def test_a_cluster_of_which_no_node_answers_is_an_unavailable_store(opened: Opener, valkey: ValkeyServer) -> None:
    valkey.stop()
    with pytest.raises(StoreUnavailableError):
        await opened(f"redis+cluster://127.0.0.1:{valkey.port}").get("code:1", now)
    with pytest.raises(StoreUnavailableError):
        await opened(f"redis+cluster://127.0.0.1:{valkey.port}").remembers_since(now)


async def test_a_server_that_is_no_cluster_is_an_unavailable_store(opened: Opener, valkey: ValkeyServer) -> None:
    with pytest.raises(StoreUnavailableError):
        await opened(f"redis+cluster://127.0.0.1:{valkey.port}").get("code:1", now)
