"""Three Valkey servers, a primary and its replicas, and three Sentinels that choose another primary when it falls."""

import contextlib
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from redis import Redis
from redis.exceptions import RedisError

from docker.cluster.passwords import Passwords
from docker.cluster.processes import STOP_LIMIT, ClusterError, Program, await_condition, plain_environment
from docker.cluster.programs import valkey_server

START: Final = Path(__file__).parents[1] / "valkey" / "start.sh"
SERVICE: Final = "idp"
ANSWER_LIMIT: Final = 2.0
ASK_AGAIN: Final = 1.0
AGREEMENT_LIMIT: Final = 120.0


class ValkeyProgram(Program):
    """A server or a Sentinel on a port of its own, with a folder that keeps its configuration and data."""

    role: str

    def __init__(self, name: str, folder: Path, port: int, first_primary: int, passwords: Passwords) -> None:
        self.port = port
        self.folder = folder
        self._asked_at = 0.0
        environment = {
            **plain_environment(),
            "PATH": f"{valkey_server().parent}:{os.defpath}",
            "VALKEY_FOLDER": str(folder),
            "VALKEY_ADDRESS": "127.0.0.1",
            "VALKEY_PORT": str(port),
            "VALKEY_PASSWORD_FILE": str(passwords.valkey),
            "VALKEY_PRIMARY": f"127.0.0.1 {first_primary}",
        }
        super().__init__(name, ("/bin/sh", str(START), self.role), folder / f"{self.role}.log", environment)

    def launch(self, extra: Mapping[str, str] | None = None) -> None:
        """Start and do not wait."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        super().launch(extra)

    def await_end(self) -> None:
        """Wait until it is gone. One that is writing its first file refuses to stop, and has to be asked again."""
        with contextlib.suppress(ClusterError):
            await_condition(self._has_ended, STOP_LIMIT, f"the end of {self.name}")
        super().await_end()

    def _has_ended(self) -> bool:
        if self.runs and time.monotonic() - self._asked_at > ASK_AGAIN:
            self.ask_to_stop()
        return not self.runs

    def ask_to_stop(self) -> None:
        """Ask it to stop, and do not wait."""
        self._asked_at = time.monotonic()
        super().ask_to_stop()

    def is_ready(self) -> bool:
        """Whether it answers."""
        try:
            with self.connection() as connection:
                return bool(connection.ping())
        except RedisError:
            return False

    @contextlib.contextmanager
    def connection(self) -> Iterator[Redis]:
        """Yield a connection to it."""
        password = Path(self.environment["VALKEY_PASSWORD_FILE"]).read_text(encoding="ascii")
        connection = Redis(port=self.port, password=password, socket_timeout=ANSWER_LIMIT, decode_responses=True)
        try:
            yield connection
        finally:
            connection.close()


class ValkeyServer(ValkeyProgram):
    """One server; primary or replica as the Sentinels decide."""

    role = "server"

    @property
    def is_primary(self) -> bool:
        """Whether it says so itself."""
        with self.connection() as connection:
            return str(connection.info("replication")["role"]) == "master"

    @property
    def is_in_step(self) -> bool:
        """Whether it is a replica that has everything and stays connected."""
        with self.connection() as connection:
            return connection.info("replication").get("master_link_status") == "up"

    def wipe(self) -> None:
        """Kill it, throw its data away, and start it empty."""
        self.kill()
        shutil.rmtree(self.folder / "appendonlydir", ignore_errors=True)
        self.start()


class Sentinel(ValkeyProgram):
    """One Sentinel."""

    role = "sentinel"

    def primary_port(self) -> int | None:
        """Return the port of the primary that it knows, or None when it does not answer."""
        try:
            with self.connection() as connection:
                address: Any = connection.sentinel_get_master_addr_by_name(SERVICE)
        except RedisError:
            return None
        return int(address[1]) if address else None

    def sees(self, servers: int, sentinels: int) -> bool:
        """Whether it knows that many servers and Sentinels, itself among them."""
        try:
            with self.connection() as connection:
                state: Any = connection.sentinel_master(SERVICE)
        except RedisError:
            return False
        return int(state["num-slaves"]) == servers - 1 and int(state["num-other-sentinels"]) == sentinels - 1


@dataclass(frozen=True, slots=True)
class Valkey:
    """The servers and the Sentinels that watch them."""

    servers: tuple[ValkeyServer, ...]
    sentinels: tuple[Sentinel, ...]

    @property
    def primary(self) -> ValkeyServer:
        """The server that the Sentinels send everybody to. Raises `ClusterError` when no Sentinel answers."""
        for sentinel in self.sentinels:
            port = sentinel.primary_port() if sentinel.runs else None
            if port is not None:
                return next(server for server in self.servers if server.port == port)
        raise ClusterError("no Sentinel answers")

    @property
    def replicas(self) -> tuple[ValkeyServer, ...]:
        """The other servers."""
        primary = self.primary
        return tuple(server for server in self.servers if server is not primary)

    @property
    def is_whole(self) -> bool:
        """Whether every server runs and follows one primary, and every Sentinel knows all of them."""
        try:
            in_step = self.primary.is_primary and all(replica.is_in_step for replica in self.replicas)
        except RedisError:
            return False
        counts = (len(self.servers), len(self.sentinels))
        return in_step and all(sentinel.sees(*counts) for sentinel in self.sentinels)

    def start(self) -> None:
        """Start everything and wait until it is whole."""
        # A Sentinel asks who follows whom once in ten seconds: what it finds at its first look it knows at once.
        _start_together(self.servers)
        await_condition(lambda: self._follow_one_primary, AGREEMENT_LIMIT, "Valkey's servers follow one primary")
        _start_together(self.sentinels)
        self.await_whole()

    @property
    def _follow_one_primary(self) -> bool:
        return sum(server.is_primary for server in self.servers) + sum(
            server.is_in_step for server in self.servers
        ) == len(self.servers)

    def await_whole(self) -> None:
        """Return once every server and Sentinel plays its part. Raises `ClusterError`."""
        await_condition(lambda: self.is_whole, AGREEMENT_LIMIT, "Valkey's servers and Sentinels agree")

    def wipe(self) -> None:
        """Forget everything at once, on every server, as if all of them had lost their memory."""
        with self.primary.connection() as connection:
            connection.flushall()

    def stop(self) -> None:
        """Stop the Sentinels first, which would find another primary, then the servers."""
        for group in (self.sentinels, self.servers):
            for program in group:
                program.ask_to_stop()
            for program in group:
                program.await_end()


def _start_together(programs: tuple[ValkeyProgram, ...]) -> None:
    for program in programs:
        program.launch()
    for program in programs:
        program.await_ready()
