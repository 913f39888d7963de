"""The benchmark of many people runs with few; here only that it measures, not what."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.population import drawn_people, people_file


def test_the_file_is_written_once_and_is_the_same_for_the_same_number(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first = people_file(tmp_path / "a", 50)
    written = first.stat().st_mtime_ns
    assert people_file(tmp_path / "a", 50).stat().st_mtime_ns == written
    assert people_file(tmp_path / "b", 50).read_bytes() == first.read_bytes()
    assert first.read_bytes().count(b"\n") == 50


def test_people_are_drawn_from_all_of_the_file_and_nobody_twice(tmp_path: Path) -> None:
    file = people_file(tmp_path, 400)
    everybody = [json.loads(line)["people"]["personal_number"] for line in file.read_bytes().splitlines()]
    drawn = [number for number, _ in drawn_people(file, 400)]
    assert len(drawn) == len(set(drawn)) == 200
    places = [everybody.index(number) for number in drawn]
    assert min(places) < 100
    assert max(places) > 300


@pytest.mark.benchmark
def test_loading_looking_up_signing_in_and_refreshing_are_measured(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.population", "--people", "60", "--json", "--folder", str(tmp_path)],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (result,) = json.loads(done.stdout)["results"]
    assert result.pop("people") == 60
    assert all(value > 0 for value in result.values())
