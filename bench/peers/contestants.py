"""Who is measured: a server and its stores together on one core, each with what the scenarios need in it."""

import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.installation import IDP, Installation, load_records, served, settings, within
from bench.machine import on_core
from bench.peers.starting import seconds_until_answer
from bench.postgresql import postgresql_server
from bench.valkey import valkey_server
from docker.cluster.ports import free_port
from idp.adapters.crypto.secret_file import load_secret

PEER = "node-oidc-provider"
SQLITE = "SQLite"
POSTGRESQL = "PostgreSQL + Valkey"
BARE = "bare ASGI"
OURS = (SQLITE, POSTGRESQL)


@dataclass(frozen=True, slots=True)
class Contestant:
    """A running server; `stores` tells the CPU seconds that each of its stores has spent so far.

    `starts` are the seconds from the start of the command to its first answer, once for each time it was tried; `anew`
    starts another one for a single measurement, where that is asked for.
    """

    name: str
    installation: Installation
    stores: Mapping[str, Callable[[], float]] = field(default_factory=dict)
    starts: tuple[float, ...] = ()
    anew: "Start | None" = None

    def spent(self) -> dict[str, float]:
        """CPU seconds so far, by store."""
        return {name: cpu() for name, cpu in self.stores.items()}

    @contextmanager
    def for_a_measurement(self) -> "Iterator[Contestant]":
        """Whom to ask this time."""
        if self.anew is None:
            yield self
        else:
            with self.anew() as another:
                yield another


Start = Callable[[], AbstractContextManager[Contestant]]


@contextmanager
def on_sqlite(core: int, tries: int) -> Iterator[Contestant]:
    """Our provider on a SQLite file of its own (`synchronous=FULL`, as shipped)."""
    with temporary_folder() as folder:
        ports = (free_port(),)
        environment = settings(ports) | within(folder)
        load_records(folder, environment)
        with _ours(SQLITE, core, environment, ports, folder, tries) as contestant:
            yield contestant


@contextmanager
def on_postgresql(core: int, tries: int) -> Iterator[Contestant]:
    """Our provider on PostgreSQL (`fsync` and `synchronous_commit` as shipped: on) and Valkey."""
    with (
        temporary_folder() as folder,
        postgresql_server(folder / "postgresql") as database,
        valkey_server(folder / "valkey") as state,
    ):
        ports = (free_port(),)
        environment = settings(ports) | within(folder)
        environment |= {
            "IDP_DATABASE_URL": database.create("idp"),
            "IDP_STATE_URL": f"redis://127.0.0.1:{state.port}",
        }
        load_secret(folder / "secret", create=True)
        subprocess.run([*IDP, "migrate"], env=environment, check=True, stdout=subprocess.DEVNULL)
        load_records(folder, environment)
        stores = {"PostgreSQL": database.cpu, "Valkey": state.cpu}
        with _ours(POSTGRESQL, core, environment, ports, folder, tries, stores) as contestant:
            yield contestant


@contextmanager
def _ours(
    name: str,
    core: int,
    environment: dict[str, str],
    ports: tuple[int, ...],
    folder: Path,
    tries: int,
    stores: Mapping[str, Callable[[], float]] | None = None,
) -> Iterator[Contestant]:
    starts = tuple(seconds_until_answer(environment, ports[0], folder) for _ in range(tries))
    with served(core, environment, ports, folder) as installation:
        yield Contestant(name, installation, stores or {}, starts)


@contextmanager
def started_on(core: int, start: Start) -> Iterator[Contestant]:
    """Start somebody on a core, and stay where this process is."""
    with ExitStack() as stack:
        with on_core(core):
            contestant = stack.enter_context(start())
        yield contestant


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="idp-bench-") as name:
        yield Path(name)
