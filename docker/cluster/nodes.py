"""The provider's nodes, and the proxy in front of them."""

import http.client
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from docker.cluster.certificates import Identity
from docker.cluster.ports import Ports
from docker.cluster.processes import ClusterError, Program, await_condition, plain_environment, run
from docker.cluster.programs import haproxy

CONFIGURATION: Final = Path(__file__).parents[1] / "haproxy" / "haproxy.cfg"
IDP: Final = (sys.executable, "-c", "from idp.cli.main import main; main()")
NOBODY: Final = "127.0.0.1:9"  # nothing listens there: the place of a node that is not part of this cluster
SOURCE: Final = "127.0.0.2"
"""Where the proxy speaks from; the nodes believe this address only, and nothing else on this machine by accident."""

MOST_NODES: Final = 3
ANSWER_LIMIT: Final = 2.0
NOTICE_LIMIT: Final = 60.0


class Node(Program):
    """One process of the provider (`idp serve`)."""

    def __init__(self, name: str, folder: Path, port: int, environment: Mapping[str, str]) -> None:
        self.port = port
        command = (*IDP, "serve", "--host", "127.0.0.1", "--port", str(port))
        super().__init__(name, command, folder / f"{name}.log", {**environment, "IDP_NODE": name})

    @property
    def url(self) -> str:
        """Its own address, past the proxy; the issuer's name goes into the `Host` header."""
        return f"http://127.0.0.1:{self.port}"

    def is_ready(self) -> bool:
        """Whether it answers that it can do its work."""
        return _status(self.port, "/readyz") == http.HTTPStatus.OK


@dataclass(frozen=True, slots=True)
class Listening:
    """What the proxy needs to know: whose ports, which certificate, which authority's clients."""

    ports: Ports
    certificate: Identity
    client_authority: Path


class Proxy(Program):
    """HAProxy with TLS; the same configuration as in the container."""

    def __init__(self, folder: Path, listening: Listening) -> None:
        ports = listening.ports
        self.port = ports.proxy
        self.statistics = ports.statistics
        nodes = [f"127.0.0.1:{port}" for port in ports.nodes] + [NOBODY] * (MOST_NODES - len(ports.nodes))
        environment = {
            **plain_environment(),
            "PROXY_BIND": f"127.0.0.1:{ports.proxy}",
            "PROXY_STATISTICS": f"127.0.0.1:{ports.statistics}",
            "PROXY_CERTIFICATE": str(listening.certificate.bundle),
            "PROXY_CLIENT_AUTHORITY": str(listening.client_authority),
            "PROXY_HOST": f"localhost:{ports.proxy}",
            "PROXY_SOURCE": SOURCE,
            **{f"NODE_{number}": address for number, address in enumerate(nodes, start=1)},
        }
        super().__init__("proxy", ("haproxy", "-db", "-f", str(CONFIGURATION)), folder / "proxy.log", environment)

    def launch(self, extra: Mapping[str, str] | None = None) -> None:
        """Start once the configuration was found good. Raises `ClusterError` when it is not."""
        program = str(haproxy())
        self.command = (program, *self.command[1:])
        run((program, "-c", "-q", "-f", str(CONFIGURATION)), self.environment)
        super().launch(extra)

    def is_ready(self) -> bool:
        """Whether it listens."""
        return _status(self.statistics, "/livez") == http.HTTPStatus.OK

    def nodes_up(self) -> frozenset[str]:
        """Return the names of the nodes that get requests now."""
        connection = http.client.HTTPConnection("127.0.0.1", self.statistics, timeout=ANSWER_LIMIT)
        try:
            connection.request("GET", "/metrics?scope=server")
            text = connection.getresponse().read().decode()
        except (OSError, http.client.HTTPException) as error:
            raise ClusterError(f"the proxy does not answer: its output is in {self.log}") from error
        finally:
            connection.close()
        return frozenset(re.findall(r'haproxy_server_status\{proxy="nodes",server="([^"]+)",state="UP"\} 1\b', text))

    def await_nodes(self, names: frozenset[str], limit: float = NOTICE_LIMIT) -> None:
        """Return once exactly these nodes get requests. Raises `ClusterError` after `limit` seconds."""
        await_condition(lambda: self.nodes_up() == names, limit, f"the proxy sends to {', '.join(sorted(names))}")


def _status(port: int, path: str) -> int | None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_LIMIT)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
