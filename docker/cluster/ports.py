"""The ports of the cluster, all on loopback: counted from one number, or free ones; kept with the data."""

import json
import random
import socket
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from docker.cluster.processes import ClusterError

POSTGRESQL: Final = 2
VALKEY: Final = 3
SENTINELS: Final = 3
_QUIET: Final = range(10_240, 20_000)


@dataclass(frozen=True, slots=True)
class Ports:
    """Who listens where."""

    proxy: int
    statistics: int
    nodes: tuple[int, ...]
    postgresql: tuple[int, ...]
    valkey: tuple[int, ...]
    sentinels: tuple[int, ...]

    @property
    def every(self) -> tuple[int, ...]:
        """All of them."""
        return (self.proxy, self.statistics, *self.nodes, *self.postgresql, *self.valkey, *self.sentinels)


def count_from(proxy: int, first: int, nodes: int) -> Ports:
    """Return the proxy's port and the ones from `first` on for everything behind it."""
    return _assign((proxy, *range(first, first + _how_many(nodes) - 1)), nodes)


def find_free(nodes: int) -> Ports:
    """Return ports of the whole cluster, each as `free_port` gives one and all different."""
    return _assign(tuple(islice(_free(), _how_many(nodes))), nodes)


def free_port() -> int:
    """Return a port that nobody listens on now, below those that outgoing connections are given."""
    return next(_free())


def kept_in(path: Path, ports: Ports) -> Ports:
    """Return the ports written in `path`, which its servers know each other by; the first time `ports` are written."""
    if not path.exists():
        path.write_text(json.dumps(asdict(ports)), encoding="utf-8")
        return ports
    known = json.loads(path.read_text(encoding="utf-8"))
    groups = (tuple(known[name]) for name in ("nodes", "postgresql", "valkey", "sentinels"))
    return Ports(known["proxy"], known["statistics"], *groups)


def refuse_taken(ports: Ports) -> None:
    """Raise `ClusterError` for the first port that something else listens on."""
    taken = first_taken(ports)
    if taken is not None:
        raise ClusterError(f"port {taken} is in use: stop what listens there")


def first_taken(ports: Ports) -> int | None:
    """Return the first port that something listens on, or None."""
    return next((port for port in ports.every if not _is_free(port)), None)


def _free() -> Iterator[int]:
    numbers = random.SystemRandom().sample(_QUIET, k=len(_QUIET))
    return (number for number in numbers if _is_free(number))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _how_many(nodes: int) -> int:
    return 2 + nodes + POSTGRESQL + VALKEY + SENTINELS


def _assign(numbers: tuple[int, ...], nodes: int) -> Ports:
    proxy, statistics, *rest = numbers
    groups = []
    for size in (nodes, POSTGRESQL, VALKEY, SENTINELS):
        groups.append(tuple(rest[:size]))
        rest = rest[size:]
    return Ports(proxy, statistics, *groups)
