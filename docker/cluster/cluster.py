"""The whole cluster in one folder: `with Cluster(folder) as cluster: …`."""

import base64
import contextlib
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, Self

from docker.cluster import passwords, ports
from docker.cluster.certificates import Authority
from docker.cluster.nodes import IDP, MOST_NODES, SOURCE, Listening, Node, Proxy
from docker.cluster.ports import Ports
from docker.cluster.postgresql import PostgreSQL, PostgreSQLServer
from docker.cluster.processes import ClusterError, Program, await_condition, plain_environment, run
from docker.cluster.valkey import SERVICE, Sentinel, Valkey, ValkeyServer

PORTS_LIMIT: Final = 10.0
SHUTDOWN_DELAY: Final = 3  # seconds; the proxy notices within one and a half


class Cluster:
    """PostgreSQL with its replica, Valkey with its Sentinels, the nodes, the proxy: made, started and stopped together.

    Everything lies in `folder` and listens on loopback. `settings` go into `idp.toml` over what the cluster needs.
    """

    def __init__(
        self,
        folder: Path,
        nodes: int = MOST_NODES,
        *,
        wanted_ports: Ports | None = None,
        settings: Mapping[str, str | int | float] | None = None,
    ) -> None:
        if not 1 <= nodes <= MOST_NODES:
            raise ClusterError(f"{nodes} nodes: the proxy's configuration has room for 1 to {MOST_NODES}")
        self.folder = folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.ports = ports.kept_in(self.folder / "ports.json", wanted_ports or ports.find_free(nodes))
        self._passwords = passwords.kept_in(self.folder / "passwords")
        self.authority = Authority(self.folder / "tls", "authority")
        self.client_authority = Authority(self.folder / "tls", "client-authority")
        self.postgresql = self._postgresql()
        self.valkey = self._valkey()
        self._write_configuration(settings or {})
        numbered = enumerate(self.ports.nodes[:nodes], start=1)
        self.nodes = tuple(Node(f"node-{number}", self.folder, port, self.environment) for number, port in numbered)
        certificate = self.authority.issue_server(("localhost",))
        self.proxy = Proxy(self.folder, Listening(self.ports, certificate, self.client_authority.path))

    @property
    def issuer(self) -> str:
        """The provider's address, through the proxy; its certificate is signed by `authority`."""
        return f"https://localhost:{self.ports.proxy}"

    @property
    def configuration(self) -> Path:
        """The settings of every node, passwords included."""
        return self.folder / "idp.toml"

    @property
    def environment(self) -> dict[str, str]:
        """What an `idp` command is started with to see this cluster."""
        return {**plain_environment(), "IDP_CONFIG": str(self.configuration)}

    @property
    def programs(self) -> tuple[Program, ...]:
        """Every program there is."""
        return (*self.postgresql.servers, *self.valkey.servers, *self.valkey.sentinels, *self.nodes, self.proxy)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start everything and wait until the proxy sends requests to every node. Raises `ClusterError`."""
        self.start_stores()
        self.idp("migrate")
        for node in self.nodes:
            node.launch()
        for node in self.nodes:
            node.await_ready()
        self.proxy.start()
        self.proxy.await_nodes(frozenset(node.name for node in self.nodes))

    def start_stores(self) -> None:
        """Start PostgreSQL and Valkey alone."""
        ended = [program.end_leftover() for program in self.programs]
        if any(ended):
            # The last thread of a process that ended keeps its ports a moment longer.
            await_condition(
                lambda: ports.first_taken(self.ports) is None, PORTS_LIMIT, "ports of the start before free"
            )
        ports.refuse_taken(self.ports)
        self.postgresql.start()
        self.valkey.start()

    def stop(self) -> None:
        """Stop everything, from the outside in."""
        self.proxy.stop()
        for node in self.nodes:
            node.ask_to_stop()
        for node in self.nodes:
            node.await_end()
        self.valkey.stop()
        self.postgresql.stop()

    def idp(self, *arguments: str) -> str:
        """Run an `idp` command on this cluster; return what it prints. Raises `ClusterError` with its own words."""
        return run((*IDP, *arguments), self.environment)

    def load(self, files: Iterable[Path]) -> None:
        """Import files."""
        self.idp("import", *(str(file) for file in files))

    def _postgresql(self) -> PostgreSQL:
        first, second = self.ports.postgresql
        return PostgreSQL(
            (
                PostgreSQLServer("postgresql-1", self.folder / "postgresql-1", first, second, self._passwords),
                PostgreSQLServer("postgresql-2", self.folder / "postgresql-2", second, first, self._passwords),
            )
        )

    def _valkey(self) -> Valkey:
        first = self.ports.valkey[0]

        def folder(name: str) -> tuple[str, Path]:
            return name, self.folder / name

        return Valkey(
            tuple(
                ValkeyServer(*folder(f"valkey-{number}"), port, first, self._passwords)
                for number, port in enumerate(self.ports.valkey, start=1)
            ),
            tuple(
                Sentinel(*folder(f"sentinel-{number}"), port, first, self._passwords)
                for number, port in enumerate(self.ports.sentinels, start=1)
            ),
        )

    def _write_configuration(self, settings: Mapping[str, str | int | float]) -> None:
        database, state = (
            path.read_text(encoding="ascii") for path in (self._passwords.database, self._passwords.valkey)
        )
        values: dict[str, str | int | float] = {
            "issuer": self.issuer,
            "database_url": f"postgresql://idp:{database}@{_listed(self.ports.postgresql)}/idp?target_session_attrs=read-write",
            "state_url": f"redis+sentinel://:{state}@{_listed(self.ports.sentinels)}/{SERVICE}",
            "keystore": f"file:{self.folder / 'keys'}/",
            "secret_file": str(self.folder / "secret"),
            "client_ca": str(self.folder / "client-ca"),
            "trusted_proxies": SOURCE,
            "mail": f"file:{self.folder / 'mail'}",
            "messages": f"file:{self.folder / 'messages'}",
            "audit_checkpoints": f"file:{self.folder / 'audit-checkpoints.jsonl'}",
            "shutdown_delay": SHUTDOWN_DELAY,
            **settings,
        }
        text = "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items())
        _replace(self.configuration, text.encode())
        # Apart from the certificates that it issues, which vouch for nobody.
        (self.folder / "client-ca").mkdir(exist_ok=True)
        _replace(self.folder / "client-ca" / "authority.pem", self.client_authority.path.read_bytes())
        if not (self.folder / "secret").exists():
            _replace(self.folder / "secret", base64.b64encode(secrets.token_bytes(32)))


def _listed(numbers: Iterable[int]) -> str:
    return ",".join(f"127.0.0.1:{number}" for number in numbers)


def _replace(path: Path, content: bytes) -> None:
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
