"""One Valkey server of the benchmark's own: what it holds is appended to a file that is synced every second."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from redis import Redis
from redis.exceptions import ConnectionError as NotReached

from bench.machine import usage_of
from docker.cluster.ports import free_port
from docker.cluster.programs import valkey_server as program

SETTINGS = {"bind": "127.0.0.1", "save": "", "appendonly": "yes", "appendfsync": "everysec"}
_START_LIMIT = 30.0


@dataclass(frozen=True, slots=True)
class Server:
    """A running server on a port of loopback."""

    port: int
    pid: int

    def cpu(self) -> float:
        """CPU seconds that it and the processes that rewrite its file have used."""
        return usage_of(self.pid).cpu


@contextmanager
def valkey_server(folder: Path) -> Iterator[Server]:
    """Start an empty server that keeps its file in `folder`; it is gone afterwards."""
    folder.mkdir()
    port = free_port()
    chosen = SETTINGS | {"port": str(port), "dir": str(folder)}
    arguments = [part for name, value in chosen.items() for part in (f"--{name}", value)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([str(program()), *arguments], stdout=log, stderr=log)
    try:
        _wait(process, port, folder / "log")
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait(30)


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_LIMIT
    with Redis(port=port) as connection:
        while True:
            try:
                connection.ping()
            except NotReached:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(log.read_text(encoding="utf-8")) from None
                time.sleep(0.05)
            else:
                return
