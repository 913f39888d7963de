"""What another node costs is measured on the real stores; here only that it is, not how much."""

import json
import subprocess
import sys

import pytest

from bench.cluster import ASKED, PASSWORDS_AT_ONCE, SHAPES, Round, at_once, costs_of
from bench.load import Bounds
from bench.measuring import Rest, Result, least_share, per_1000, scaled
from bench.scenarios import CODE_FLOW, PASSWORD_SIGN_IN, SCENARIOS


@pytest.mark.benchmark
def test_every_shape_and_every_store_is_measured() -> None:
    few = ("--seconds", "0.5", "--operations", "20", "--connections", "4", "--rounds", "1", "--only", "introspection")
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--cluster", "--json", *few],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert [each["scenario"] for each in document["requests"]] == ["introspection"]
    for each in document["requests"]:
        assert all(spent > 0 for spent in each["shapes"].values())
    for each in (*document["requests"], document["rest"]):
        assert set(each["shapes"]) == {shape.name for shape in SHAPES}
        assert set(each["stores"]) == {"PostgreSQL", "its replica", "Valkey"}
    assert 0 < document["least"] <= 1


def test_what_is_asked_of_a_cluster_are_scenarios() -> None:
    assert set(ASKED) <= {scenario.name for scenario in SCENARIOS}


def test_a_process_has_its_own_bounds_and_few_password_hashes_at_once() -> None:
    assert scaled(Bounds(operations=100, seconds=2.0), 2) == Bounds(operations=200, seconds=4.0)
    assert at_once(CODE_FLOW, 16) == 16
    assert at_once(PASSWORD_SIGN_IN, 16) == PASSWORDS_AT_ONCE
    assert at_once(PASSWORD_SIGN_IN, 2) == 2


def test_what_rest_costs_is_no_cost_of_requests() -> None:
    assert per_1000(spent=3.0, at_rest=0.5, done=500) == 5.0
    assert per_1000(spent=0.1, at_rest=0.2, done=500) == 0.0


def test_the_process_that_did_least_is_compared_with_an_even_share() -> None:
    assert least_share([2.0, 2.0]) == 1.0
    assert least_share([1.0, 3.0]) == 0.5
    assert least_share([0.0, 0.0]) == 1.0


def _round(shape: str, cpu: float, stores: float, rest: float, least: float) -> Round:
    result = Result("userinfo", 100, 10.0, 1.0, 2.0, cpu, 100.0, "server", least, {"Valkey": stores})
    return Round(shape, Rest(rest, {"Valkey": rest}), [result])


def test_costs_are_medians_of_the_rounds_of_each_shape_and_of_all_rounds_for_the_stores() -> None:
    costs = costs_of(
        [
            _round("one", 1.0, 0.1, 0.01, 1.0), _round("two", 1.2, 0.2, 0.02, 0.9),
            _round("one", 3.0, 0.3, 0.01, 1.0), _round("two", 1.4, 0.6, 0.04, 0.95),
        ]
    )  # fmt: skip
    (userinfo,) = costs.requests
    assert (userinfo.scenario, userinfo.shapes) == ("userinfo", {"one": 2.0, "two": 1.3})
    assert userinfo.stores == {"Valkey": 0.25}
    assert (costs.rest.shapes, costs.rest.stores) == ({"one": 10.0, "two": 30.0}, {"Valkey": 15.0})
    assert costs.least == 0.9
