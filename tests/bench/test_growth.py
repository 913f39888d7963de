"""Growth is measured on the real provider; here only that it is, and what counts as too fast."""

import asyncio
import json
import math
import sqlite3
import subprocess
import sys
from contextlib import closing
from itertools import islice, pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bench.growth.__main__ import DIMENSIONS
from bench.growth.crowd import spread_evenly
from bench.growth.doubles import MODELS, double_number
from bench.growth.measuring import Figure, Line, connected
from bench.growth.operations import OPERATIONS
from bench.growth.plots import drawing
from bench.growth.rule import MOST_UNCERTAINTY, Cost, cost_of, refusals
from bench.installation import Installation
from idp.domain.people.personal_number import parse_personal_number

SIZES = (10_000, 1_000_000, 10_000_000)


def _costs(*costs: float, uncertainty: float = 0.02) -> list[Cost]:
    return [Cost(size, cost, uncertainty) for size, cost in zip(SIZES, costs, strict=True)]


@pytest.mark.parametrize("costs", [(1.0, 1.0, 1.0), (1.0, 0.6, 0.7), tuple(math.log(size) for size in SIZES)])
def test_what_stays_falls_or_grows_like_the_logarithm_is_slow_enough(costs: tuple[float, ...]) -> None:
    assert refusals(_costs(*costs)) == []


def test_what_grows_like_the_number_is_found_though_it_is_little_beside_the_rest() -> None:
    scanned = [1.0 + size / 20_000_000 for size in SIZES]
    (wrong,) = refusals(_costs(*scanned))
    assert wrong.startswith("from 1,000,000 to 10,000,000 × 1.43")


def test_what_grows_too_fast_at_first_is_found_though_it_stays_afterwards() -> None:
    assert [each.partition(" × ")[0] for each in refusals(_costs(1.0, 2.5, 2.5))] == [
        "from 10,000 to 1,000,000",
        "from 10,000 to 10,000,000",
    ]


def test_how_far_rounds_lie_apart_is_allowed_for_but_not_without_bounds() -> None:
    assert refusals(_costs(1.0, 1.0, 1.4)) != []
    assert refusals(_costs(1.0, 1.0, 1.4, uncertainty=0.25)) == []
    apart = refusals(_costs(1.0, 1.0, 1.0, uncertainty=MOST_UNCERTAINTY + 0.01))
    assert len(apart) == len(SIZES)
    assert "tells nothing" in apart[0]


def test_a_cost_is_the_median_of_its_rounds_and_half_of_them_lie_within_its_uncertainty() -> None:
    cost = cost_of(16, [1.0, 1.2, 0.9, 5.0, 1.1])
    assert (cost.size, cost.cost, round(cost.uncertainty, 3)) == (16, 1.1, 0.091)
    assert cost_of(16, [2.0]) == Cost(16, 2.0, 0.0)


@pytest.mark.parametrize("size", [1, 7, 200, 9_997])
def test_whoever_is_asked_for_lies_all_over_and_everybody_comes_before_anybody_again(size: int) -> None:
    turns = list(islice(spread_evenly(size), 2 * size))
    assert sorted(turns[:size]) == list(range(size))
    assert turns[size:] == turns[:size]


def test_a_few_in_a_row_lie_all_over() -> None:
    places = sorted(islice(spread_evenly(10_000_000), 100))
    gaps = [after - before for before, after in pairwise(places)]
    assert max(gaps) < 3 * 10_000_000 / 100


def test_everybody_has_a_number_that_may_be_given_and_nobody_has_another_s() -> None:
    numbers = [double_number(position) for position in range(3 * MODELS)]
    assert len(set(numbers)) == len(numbers)
    assert [parse_personal_number(number) for number in numbers[::100]] == numbers[::100]
    assert len(double_number(10_000_000 - 1)) == 12


async def test_a_connection_that_the_server_ended_is_opened_again() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port: int = server.sockets[0].getsockname()[1]
        async with connected(Installation((port,), ()), 3) as opened:
            for connection in (*opened, *opened):
                assert (await connection.ask(b"GET / HTTP/1.1\r\nhost: here\r\n\r\n")).body == b"ok"


def _line(*costs: float) -> Line:
    figures = [Figure(size, cost, 0.02, 100.0, 1.0, 2.0, 120.0) for size, cost in zip(SIZES, costs, strict=True)]
    return Line("refresh & more", figures)


def test_a_drawing_is_the_same_for_the_same_figures_and_shows_each_of_them() -> None:
    lines = [_line(0.5, 0.55, 0.61), _line(3.0, 3.1, 2.9)]
    svg = drawing("people", lines)
    assert svg == drawing("people", lines)
    assert "prefers-color-scheme: dark" in svg
    root = ET.fromstring(svg)  # noqa: S314 -- our own
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"0.5", "0.55", "0.61", "3.1", "2.9", "10 k", "1 M", "10 M", "refresh & more"} <= set(texts)
    dots = list(root.iter("{http://www.w3.org/2000/svg}circle"))
    assert len(dots) == 6
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    assert all(0 < float(dot.attrib["cx"]) < width and 0 < float(dot.attrib["cy"]) < height for dot in dots)


def test_what_is_promised_to_grow_slowly_is_measured_at_the_promised_sizes() -> None:
    assert {name: each.sizes for name, each in DIMENSIONS.items()} == {
        "people": (10_000, 1_000_000, 10_000_000),
        "clients": (10, 1_000, 10_000),
        "connections": (1, 16, 256, 2_000),
    }


@pytest.mark.slow
def test_people_are_made_and_every_operation_is_measured_and_drawn(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable, "-m", "bench.growth", "people", "--sizes", "60", "--rounds", "1", "--operations", "16",
            "--folder", str(tmp_path), "--plots", str(tmp_path), "--json",
        ],
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.stdout, done.stderr
    (growth,) = json.loads(done.stdout)["growth"]
    assert (growth["wrong"], done.returncode) == ([], 0)
    assert [line["operation"] for line in growth["lines"]] == [each.name for each in OPERATIONS]
    for line in growth["lines"]:
        assert [each["size"] for each in line["figures"]] == [60]
        assert all(each["cpu"] > 0 and each["memory"] > 1 for each in line["figures"])
    assert (tmp_path / "growth-people.svg").read_text(encoding="utf-8").startswith("<svg")
    with closing(sqlite3.connect(tmp_path / "people-60" / "idp.db")) as connection:
        (people,) = connection.execute("SELECT count(*) FROM grants WHERE client_id = 'bench-portal'").fetchone()
        assert people >= 60
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        indexes = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'index'")}
        assert "ix_identifiers_account_id" in indexes
    assert not (tmp_path / "people-60" / "aside.db").exists()
