"""What another node costs is measured on the real stores; here only that it is, not how much."""

import json
import subprocess
import sys

import pytest

from bench.cluster import ASKED, SHAPES
from bench.scenarios import SCENARIOS


@pytest.mark.slow
def test_every_shape_and_every_store_is_measured() -> None:
    few = ("--seconds", "0.5", "--operations", "20", "--connections", "4", "--rounds", "1")
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--cluster", "--json", *few],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    costs = json.loads(done.stdout)["costs"]
    assert [each["scenario"] for each in costs] == list(ASKED)
    for each in costs:
        assert set(each["shapes"]) == {shape.name for shape in SHAPES}
        assert all(spent > 0 for spent in each["shapes"].values())
        assert set(each["stores"]) == {"PostgreSQL", "its replica", "Valkey"}


def test_what_is_asked_of_a_cluster_are_scenarios() -> None:
    assert set(ASKED) <= {scenario.name for scenario in SCENARIOS}
