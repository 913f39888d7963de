"""The cluster in a box as the place of a chaos run, with this project's own code on every node."""

import ssl
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from docker.cluster import Cluster
from docker.cluster.nodes import IDP
from tests.chaos.people import ARGON2, Population
from tests.chaos.receiver import LogoutReceiver
from tests.chaos.wire import Entrance

ROOT = Path(__file__).parents[2]
COMMAND = (IDP[0], "-P", *IDP[1:])
"""`idp` of the environment's release, also where another one lies in the working directory."""

_COMMAND_LIMIT = 180


class _Cluster(Cluster):
    """A cluster that runs the code of the folder that this program lies in, wherever another one is installed."""

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, "PYTHONPATH": str(ROOT)}


class Clustered:
    """PostgreSQL with a replica, Valkey with Sentinels, three nodes behind a proxy."""

    def __init__(self, folder: Path, receiver: LogoutReceiver, settings: Mapping[str, str] | None = None) -> None:
        wanted = {"argon2": ARGON2, "outbound_allow": receiver.address, **(settings or {})}
        self.cluster = _Cluster(folder / "cluster", settings=wanted)

    @property
    def entrance(self) -> Entrance:
        trusted = ssl.create_default_context(cafile=self.cluster.authority.path)
        return Entrance(self.cluster.issuer, "127.0.0.1", self.cluster.ports.proxy, trusted)

    @property
    def mail(self) -> Sequence[Path]:
        return [self.cluster.folder / "mail"]

    @property
    def logs(self) -> Sequence[Path]:
        return [node.log for node in self.cluster.nodes]

    @property
    def everybody(self) -> frozenset[str]:
        """The names of all nodes."""
        return frozenset(node.name for node in self.cluster.nodes)

    def load(self, folder: Path, population: Population, receiver: LogoutReceiver) -> None:
        """Import everybody."""
        self.cluster.load(population.write(folder, receiver.url))

    def command(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return self.run((*COMMAND, *arguments), self.cluster.environment)

    def run(self, command: tuple[str, ...], environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end, whatever comes of it."""
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=_COMMAND_LIMIT, check=False
        )

    def await_nodes(self) -> None:
        """Return once the proxy sends requests to every node."""
        self.cluster.proxy.await_nodes(self.everybody)

    def close(self) -> None:
        cluster = self.cluster
        for program in (cluster.proxy, *cluster.nodes, *cluster.valkey.sentinels, *cluster.valkey.servers):
            program.kill()
        for server in cluster.postgresql.servers:
            server.stop()  # one that is killed leaves its shared memory behind


def open_cluster(folder: Path, population: Population, receiver: LogoutReceiver) -> Clustered:
    """Start everything, with everybody loaded."""
    return opened(Clustered(folder, receiver), folder, population, receiver)


def opened(place: Clustered, folder: Path, population: Population, receiver: LogoutReceiver) -> Clustered:
    """Start a place and load everybody; nothing is left running when that fails."""
    try:
        place.cluster.start()
        place.load(folder, population, receiver)
    except BaseException:
        place.close()
        raise
    return place
