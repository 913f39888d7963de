"""One PostgreSQL server of the benchmark's own: nothing is faked, every commit waits for the disk."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.machine import TICKS, family
from docker.cluster.programs import as_user, postgresql_folder, unprivileged_user

SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    # A quarter of a machine of 16 GiB, and checkpoints a quarter of an hour apart, as for a server of its own.
    "shared_buffers": "4GB",
    "effective_cache_size": "12GB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
    "random_page_cost": "1.1",
}
_START_LIMIT = 60.0


@dataclass(frozen=True, slots=True)
class Server:
    """A running server on a socket in its folder."""

    folder: Path
    pid: int

    def cpu(self) -> float:
        """CPU seconds that it and its processes have used, those that ended included."""
        spent = 0.0
        for pid in family(self.pid):
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except FileNotFoundError:  # It ended since it was listed; its parent has its time.
                continue
            spent += sum(map(int, fields[11:15] if pid == self.pid else fields[11:13])) / TICKS
        return spent

    def url(self, database: str) -> str:
        """The URL of a database on it."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def create(self, database: str) -> str:
        """Create a database; its URL."""
        self.ask(f"CREATE DATABASE {database}")
        return self.url(database)

    def ask(self, statement: str, database: str = "postgres") -> str:
        """Run a statement; what it answers, as text."""
        command = [str(postgresql_folder() / "psql"), "--no-psqlrc", "-qAtX", "-v", "ON_ERROR_STOP=1"]
        return _run([*command, "-d", self.url(database), "-c", statement])


@contextmanager
def postgresql_server(folder: Path) -> Iterator[Server]:
    """Start a server on the files in `folder`, new ones when there are none; the files stay."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    data, programs, user = folder / "data", postgresql_folder(), unprivileged_user()
    if user is not None:
        shutil.chown(folder, user.pw_uid, user.pw_gid)
    if not data.exists():
        options = ("--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C")
        _run([*as_user(user, (str(programs / "initdb"), *options, "-D", str(data)))])
    chosen = SETTINGS | {"unix_socket_directories": str(folder)}
    arguments = [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            as_user(user, (str(programs / "postgres"), "-D", str(data), *arguments)), stdout=log, stderr=log, cwd="/"
        )
    try:
        _wait(process, folder)
        yield Server(folder, process.pid)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(300)


def _wait(process: "subprocess.Popen[bytes]", folder: Path) -> None:
    deadline = time.monotonic() + _START_LIMIT
    ready = [str(postgresql_folder() / "pg_isready"), "-q", "-h", str(folder), "-U", "postgres"]
    while subprocess.run(ready, check=False).returncode:
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError((folder / "log").read_text(encoding="utf-8"))
        time.sleep(0.1)


def _run(command: list[str]) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    done = subprocess.run(command, env=environment, cwd="/", capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout.strip()
