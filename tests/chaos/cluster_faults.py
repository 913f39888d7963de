"""Faults of the cluster: nodes, stores and clocks."""

import asyncio
import os
import signal
import sys
from functools import partial
from pathlib import Path

from tests.chaos.cluster_place import Clustered, open_cluster, opened
from tests.chaos.people import Population
from tests.chaos.receiver import LogoutReceiver
from tests.chaos.scenario import Scenario

PAUSED = 10.0
WRONG = 20.0
"""Seconds for which a clock is wrong."""

HOUR = 3600
_GONE = 3.0
_ALONE = 8.0


async def kill_node(place: Clustered) -> None:
    """`kill -9` of a node, which comes back a little later."""
    node = place.cluster.nodes[0]
    await asyncio.to_thread(node.kill)
    await asyncio.sleep(_GONE)
    await asyncio.to_thread(node.start)
    await asyncio.to_thread(place.await_nodes)


async def pause_node(place: Clustered) -> None:
    """A node hangs for ten seconds, and goes on where it was."""
    node = place.cluster.nodes[0]
    node.pause()
    await asyncio.sleep(PAUSED)
    node.resume()
    await asyncio.to_thread(place.await_nodes)


async def kill_valkey(place: Clustered) -> None:
    """The primary falls; the Sentinels choose another one, which the old one follows when it comes back."""
    valkey = place.cluster.valkey
    old = await asyncio.to_thread(lambda: valkey.primary)
    await asyncio.to_thread(old.kill)
    await asyncio.sleep(_ALONE)
    await asyncio.to_thread(old.start)
    await asyncio.to_thread(valkey.await_whole)
    await asyncio.to_thread(place.await_nodes)


async def wipe_valkey(place: Clustered) -> None:
    """Everything short-lived is forgotten at once."""
    await asyncio.to_thread(place.cluster.valkey.wipe)
    await asyncio.to_thread(place.await_nodes)


async def restart_postgresql(place: Clustered) -> None:
    """The primary is stopped and started, as for a new release of it."""
    postgresql = place.cluster.postgresql
    await asyncio.to_thread(postgresql.primary.restart)
    await asyncio.to_thread(postgresql.await_replica)
    await asyncio.to_thread(place.await_nodes)


async def promote_replica(place: Clustered) -> None:
    """The primary is lost for good, the replica takes its place, and a new replica joins it."""
    postgresql = place.cluster.postgresql
    await asyncio.to_thread(postgresql.promote)
    await asyncio.sleep(_ALONE)
    await asyncio.to_thread(postgresql.rejoin)
    await asyncio.to_thread(place.await_nodes)


async def jump(place: Clustered) -> None:
    """The clock of one node jumps, and is put right some time later."""
    node = place.cluster.nodes[1]
    os.kill(node.pid, signal.SIGUSR1)
    await asyncio.sleep(WRONG)
    os.kill(node.pid, signal.SIGUSR2)
    await asyncio.to_thread(place.await_nodes)


def open_jumping(seconds: int, folder: Path, population: Population, receiver: LogoutReceiver) -> Clustered:
    """A cluster whose second node has a clock that can jump."""
    place = Clustered(folder, receiver)
    node = place.cluster.nodes[1]
    module = (sys.executable, "-m", "tests.chaos.shifting_node")
    node.command = (*module, "--port", str(node.port), "--seconds", str(seconds))
    return opened(place, folder, population, receiver)


SCENARIOS: tuple[Scenario[Clustered], ...] = (
    Scenario("kill-node", "kill -9 a node", open_cluster, kill_node),
    Scenario("pause-node", f"stop a node for {PAUSED:.0f} s", open_cluster, pause_node),
    Scenario("kill-valkey", "kill the Valkey primary", open_cluster, kill_valkey, sessions_may_go=True),
    Scenario("wipe-valkey", "wipe Valkey", open_cluster, wipe_valkey, sessions_may_go=True),
    Scenario("restart-postgresql", "restart PostgreSQL", open_cluster, restart_postgresql),
    Scenario("promote-replica", "kill the primary, promote the replica", open_cluster, promote_replica),
    Scenario("clock-forward", "one node's clock is an hour ahead", partial(open_jumping, HOUR), jump),
    Scenario("clock-back", "one node's clock is an hour behind", partial(open_jumping, -HOUR), jump),
)
