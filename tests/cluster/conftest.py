"""One cluster for the room's tests, with clients and a citizen; starting it takes most of the time."""

from collections.abc import Iterator

import pytest

from docker.cluster import Cluster
from tests.server import RECORDS


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("cluster")
    with Cluster(folder, settings={"argon2": "m=8,t=1,p=1"}) as running:
        records = folder / "records.yaml"
        records.write_text(RECORDS, encoding="utf-8")
        running.load([records])
        yield running
