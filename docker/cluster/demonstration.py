"""What there is to try on the cluster: the demo's people and relying parties, signed in through the proxy."""

import json
from dataclasses import replace
from typing import Final

from docker.cluster.cluster import Cluster
from idp.cli import demo_seed
from idp.cli.demo_processes import Service
from idp.cli.demo_seed import Credentials
from idp.cli.demo_topology import CLIENTS, Topology
from idp.domain.values import dataclass

RELYING_PARTIES: Final = 4


@dataclass(frozen=True, slots=True)
class ClusterTopology(Topology):
    """The demo's topology with the proxy in the provider's place."""

    def url(self, place: int) -> str:
        """Return the origin of the application at that place; the provider is reached over TLS."""
        return f"https://localhost:{self.port}" if place == 0 else f"http://localhost:{self.ports[place]}"


def settings(proxy: int) -> dict[str, str]:
    """Return what the nodes are told besides: logout tokens may go to the relying parties on this machine."""
    return {"outbound_allow": ",".join(f"localhost:{proxy + place}" for place in range(1, RELYING_PARTIES))}


def topology(cluster: Cluster) -> Topology:
    """Return the ports and names of the relying parties beside the cluster."""
    return ClusterTopology(cluster.ports.proxy, cluster.folder)


def relying_parties(cluster: Cluster, credentials: Credentials) -> list[Service]:
    """Return the relying parties and the mailbox; they trust the cluster's authority."""
    trust = {"SSL_CERT_FILE": str(cluster.authority.path)}
    services = topology(cluster).relying_parties(credentials)
    return [replace(service, environment={**service.environment, **trust}) for service in services]


def seed(cluster: Cluster) -> Credentials:
    """Import the demo's people and clients where that was not done in this form; return their secrets."""
    credentials = demo_seed.load_credentials(cluster.folder / "credentials.json", CLIENTS)
    documents = {
        "people.yaml": demo_seed.people_document(credentials),
        "clients.yaml": topology(cluster).clients_document(credentials),
    }
    marks = cluster.folder / "imported.json"
    imported = json.loads(marks.read_text(encoding="utf-8")) if marks.exists() else {}
    digests = {name: demo_seed.write_import_file(cluster.folder / name, each) for name, each in documents.items()}
    changed = [cluster.folder / name for name, digest in digests.items() if imported.get(name) != digest]
    if changed:
        cluster.load(changed)
        demo_seed.write_private(marks, json.dumps(digests))
    return credentials
