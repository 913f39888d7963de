"""One cluster for the room's tests, with clients and a citizen; starting it takes most of the time."""

from collections.abc import Iterator
from contextlib import suppress

import pytest

from docker.cluster import Cluster, ClusterError, ports
from docker.cluster.demonstration import RELYING_PARTIES
from docker.cluster.ports import Ports
from tests.server import RECORDS


def row_of_ports() -> Ports:
    """Return free ports behind one another, room for the relying parties among them."""
    while True:
        first = ports.find_free(3).proxy
        row = ports.count_from(first, first + RELYING_PARTIES + 1, 3)
        with suppress(ClusterError):
            ports.refuse_taken(row)
            return row


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("cluster")
    with Cluster(folder, wanted_ports=row_of_ports(), settings={"argon2": "m=8,t=1,p=1"}) as running:
        records = folder / "records.yaml"
        records.write_text(RECORDS, encoding="utf-8")
        running.load([records])
        yield running
