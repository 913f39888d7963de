"""`make cluster`: everything on this machine, seeded, until Ctrl-C; the data stays and is used again."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Final

from docker.cluster import ports
from docker.cluster.cluster import Cluster
from docker.cluster.console import HELP, Console, typed_line
from docker.cluster.demonstration import RELYING_PARTIES, relying_parties, seed, settings
from docker.cluster.nodes import MOST_NODES
from docker.cluster.ports import Ports
from docker.cluster.processes import ClusterError
from idp.cli.demo import print_people, show_codes
from idp.cli.demo_processes import Processes, Service, StopRequest, refuse_taken_ports
from idp.cli.demo_seed import CITIZENS, OFFICERS, Credentials
from idp.cli.output import print_table
from idp.cli.refusal import Refusal

FOLDER: Final = Path("var/cluster")
PORT: Final = 9443


def main() -> int:
    """Run until Ctrl-C; return the exit code."""
    parser = ArgumentParser(prog="make cluster", description=__doc__)
    parser.add_argument("--port", type=int, help=f"the proxy's port, {PORT} at first; the others follow it")
    chosen = parser.parse_args()
    try:
        settled = settle_ports(FOLDER, chosen.port)
        with StopRequest() as stop:
            run(Cluster(FOLDER, wanted_ports=settled, settings=settings(settled.proxy)), stop)
    except (ClusterError, Refusal) as problem:
        print(f"cluster: {problem}", file=sys.stderr)
        return 1
    return 0


def settle_ports(folder: Path, port: int | None) -> Ports:
    """Return the ports that the data in the folder was made for. Raises `ClusterError` where another one is wanted."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    first = port or PORT
    settled = ports.kept_in(folder / "ports.json", ports.count_from(first, first + RELYING_PARTIES + 1, MOST_NODES))
    if port not in {None, settled.proxy}:
        raise ClusterError(f"{folder} was made for port {settled.proxy}: leave PORT away, or remove the folder")
    return settled


def run(cluster: Cluster, stop: StopRequest) -> None:
    """Start everything, say what there is to try, and wait for words until asked to stop."""
    print(f"Starting PostgreSQL, Valkey, {len(cluster.nodes)} nodes and the proxy in {cluster.folder} …", flush=True)
    with cluster:
        credentials = seed(cluster)
        services = relying_parties(cluster, credentials)
        refuse_taken_ports(service.port for service in services)
        with Processes(cluster.folder / "log", stop) as processes:
            for service in services:
                processes.start(service)
            if processes.wait_until_ready():
                show(cluster, services, credentials)
            console = Console(cluster, lambda: show_codes(credentials))
            while not stop.asked:
                line = typed_line()
                if line is not None:
                    console.carry_out(line)
                processes.refuse_if_one_ended()
        print("Stopping …", flush=True)


def show(cluster: Cluster, services: list[Service], credentials: Credentials) -> None:
    """Print where everything is, who can sign in, and what to try."""
    addresses = [("Identity provider", cluster.issuer)] + [(service.title, service.url) for service in services]
    addresses += [(f"{node.name}, past the proxy", node.url) for node in cluster.nodes]
    print_table("Applications", ["", "Address"], addresses)
    print_people("Citizens: sign in at the national portal", CITIZENS, credentials)
    print_people("Officers: sign in at the ministry portal, as an officer", OFFICERS, credentials)
    print(f"A browser trusts the provider once it knows {cluster.authority.path}; curl takes it as --cacert.")
    print(f"Other commands: IDP_CONFIG={cluster.configuration} .venv/bin/idp …")
    print(f"Sign in, then take something away and go on; type here:\n{HELP}")
    print(f"Ctrl-C stops everything; the data stays in {cluster.folder}.", flush=True)


if __name__ == "__main__":
    sys.exit(main())
