from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Thread

import pytest
from redis import Redis
from redis.exceptions import ResponseError

from docker.cluster import Cluster, ClusterError
from docker.cluster.postgresql import PostgreSQL
from docker.cluster.processes import await_condition
from docker.cluster.valkey import Valkey, ValkeyServer

FAIL_OVER = 30.0
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


@contextmanager
def database(folder: Path) -> Iterator[PostgreSQL]:
    postgresql = Cluster(folder).postgresql
    try:
        postgresql.start()
        yield postgresql
    finally:
        postgresql.stop()


def write(postgresql: PostgreSQL, number: int) -> None:
    postgresql.primary.query(f"INSERT INTO kept VALUES ({number:d})", "idp")  # noqa: S608 - a number


def kept(postgresql: PostgreSQL) -> list[str]:
    return postgresql.primary.query("SELECT number FROM kept ORDER BY number", "idp").split()


def test_what_postgresql_acknowledged_outlives_its_primary_and_a_new_start(tmp_path: Path) -> None:
    with database(tmp_path) as postgresql:
        first, second = postgresql.servers
        first.query("CREATE TABLE kept (number integer)", "idp")
        write(postgresql, 1)
        postgresql.promote()
        assert (postgresql.primary, postgresql.replica) == (second, first)
        with pytest.raises(ClusterError, match="let it rejoin"):
            first.start()
        write(postgresql, 2)
        postgresql.rejoin()
        write(postgresql, 3)
    with database(tmp_path) as postgresql:
        assert postgresql.primary.name == second.name
        postgresql.promote()
        assert postgresql.primary.name == first.name
        assert kept(postgresql) == ["1", "2", "3"]


def test_a_commit_is_acknowledged_once_the_replica_has_it(tmp_path: Path) -> None:
    with database(tmp_path) as postgresql:
        postgresql.primary.query("CREATE TABLE kept (number integer)", "idp")
        postgresql.replica.pause()
        writer = Thread(target=write, args=(postgresql, 1))
        writer.start()
        await_condition(lambda: postgresql.primary.query(WAITING) == "1", FAIL_OVER, "a commit that waits")
        assert writer.is_alive()
        postgresql.replica.resume()
        writer.join(FAIL_OVER)
        assert not writer.is_alive()
        assert kept(postgresql) == ["1"]


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    running = Cluster(tmp_path_factory.mktemp("valkey")).valkey
    try:
        running.start()
        yield running
    finally:
        running.stop()


def is_empty(server: ValkeyServer) -> bool:
    with server.connection() as connection:
        return connection.dbsize() == 0


def can_be_written_to(connection: Redis) -> bool:
    """Whether it has the replica that it wants before it takes anything."""
    try:
        return bool(connection.set("session", "renewed"))
    except ResponseError:
        return False


def test_wiped_valkey_is_empty_everywhere(valkey: Valkey) -> None:
    with valkey.primary.connection() as connection:
        connection.set("session", "lost")
        assert connection.wait(2, 1000) == 2
    valkey.wipe()
    for server in valkey.servers:
        await_condition(partial(is_empty, server), FAIL_OVER, "an empty server")


def test_another_valkey_takes_over_with_what_was_kept_and_takes_more(valkey: Valkey) -> None:
    first = valkey.primary
    with first.connection() as connection:
        connection.set("session", "kept")
        assert connection.wait(2, 1000) == 2
    first.kill()
    await_condition(lambda: valkey.primary is not first, FAIL_OVER, "another primary")
    with valkey.primary.connection() as connection:
        assert connection.get("session") == "kept"
        await_condition(lambda: can_be_written_to(connection), FAIL_OVER, "a replica of the new primary")
