"""Counting instructions: what callgrind writes is read, and what became dearer is found. Nothing is counted here."""

from pathlib import Path

import pytest

from bench.instructions import regression
from bench.instructions.__main__ import Counted
from bench.instructions.callgrind import functions, total
from bench.instructions.regression import Budget, Comparison, check, compare, read, record, running_python
from bench.instructions.slow_motion import TIMES, slowed
from bench.scenarios import REFRESH_IN_A_STORM, SCENARIOS

_CALLGRIND = """# callgrind format
version: 1
events: Ir

ob=(1) /usr/lib/libpython3.11.so.1.0
fl=(1) ???
fn=(1) _PyEval_EvalFrameDefault
0 700
cob=(2) /usr/lib/libcrypto.so.3
cfn=(2) sign
calls=3 0
0 250
+4 50

ob=(2)
fn=(2)
0 240
cfn=(3) bn_mul
calls=1 0
* 10

fn=(3)
0 10

totals: 1000
"""


HERE = {"interpreter": 1000, "signatures": 500}


def _budget(**operations: int) -> Budget:
    return Budget(running_python(), HERE, operations)


@pytest.fixture
def counts(tmp_path: Path) -> Path:
    file = tmp_path / "callgrind.out.1"
    file.write_text(_CALLGRIND)
    return file


def test_the_total_of_a_file_is_what_callgrind_says(counts: Path) -> None:
    assert total(counts) == 1000


def test_a_file_without_a_total_is_refused(tmp_path: Path) -> None:
    (tmp_path / "callgrind.out.1").write_text("events: Ir\n")
    with pytest.raises(ValueError, match="no total"):
        total(tmp_path / "callgrind.out.1")


def test_a_function_is_charged_what_it_did_itself_and_what_it_called(counts: Path) -> None:
    found = functions(counts)
    assert {name: (spent.own, spent.whole) for name, spent in found.items()} == {
        "_PyEval_EvalFrameDefault [libpython3.11.so.1.0]": (750, 1000),
        "sign [libcrypto.so.3]": (240, 250),
        "bn_mul [libcrypto.so.3]": (10, 10),
    }
    assert sum(spent.own for spent in found.values()) == total(counts)


def test_what_falls_into_one_portion_only_does_not_count() -> None:
    counted = Counted("refresh", 4, (100.0, 180.0, 102.0), ())
    assert (counted.each, round(counted.spread, 2)) == (102, 0.78)


@pytest.mark.parametrize(("now", "is_over"), [(1099, False), (1101, True), (900, False)])
def test_more_than_a_tenth_over_the_budget_is_too_much(now: int, *, is_over: bool) -> None:
    (compared,) = compare(_budget(refresh=1000), HERE, {"refresh": now})
    assert compared.is_over is is_over


def test_a_machine_that_needs_more_for_the_yardstick_may_need_more_for_everything() -> None:
    """Another C library, another processor: the same program executes other instructions."""
    for elsewhere in ({"interpreter": 1200, "signatures": 500}, {"interpreter": 900, "signatures": 600}):
        for now, is_over in ((1670, False), (1690, True)):
            (compared,) = compare(_budget(refresh=1000), elsewhere, {"refresh": now})
            assert compared == Comparison("refresh", 1200, now, limit=0.4)
            assert compared.is_over is is_over


def test_only_where_the_yardstick_takes_what_it_took_a_tenth_is_too_much(capsys: pytest.CaptureFixture[str]) -> None:
    assert check(_budget(refresh=1000), {"interpreter": 1015, "signatures": 495}, {"refresh": 1150}) == 1
    assert "another build" not in capsys.readouterr().out
    counts = {"refresh": 1150, "userinfo": 100}
    assert check(_budget(refresh=1000, userinfo=500), {"interpreter": 950, "signatures": 500}, counts) == 0
    told = capsys.readouterr().out
    assert "another build of Python or on another machine: 40% more is too much" in told
    assert "bench-record" not in told


def test_what_became_dearer_fails_the_check_and_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert check(_budget(refresh=1000, userinfo=500), HERE, {"refresh": 1120, "userinfo": 505}) == 1
    told = capsys.readouterr().out
    assert "+12.0%   TOO MUCH" in told
    assert "More than 10% over the budget: refresh." in told


def test_what_stayed_or_became_cheaper_passes_and_is_to_be_recorded(capsys: pytest.CaptureFixture[str]) -> None:
    assert check(_budget(refresh=1000, userinfo=500), HERE, {"refresh": 900, "userinfo": 500}) == 0
    assert "-10.0%   cheaper: make bench-record" in capsys.readouterr().out


def test_a_new_operation_has_no_budget_to_exceed(capsys: pytest.CaptureFixture[str]) -> None:
    assert check(_budget(refresh=1000), HERE, {"refresh": 1000, "new": 9000}) == 0
    assert "new: make bench-record" in capsys.readouterr().out


def test_another_minor_version_of_python_is_not_compared_with(capsys: pytest.CaptureFixture[str]) -> None:
    assert check(Budget("3.99", HERE, {"refresh": 1}), HERE, {"refresh": 1000}) == 0
    assert "nothing to compare: recorded by Python 3.99" in capsys.readouterr().out


def test_recording_some_operations_keeps_the_others_by_the_yardstick(tmp_path: Path) -> None:
    file, elsewhere = tmp_path / "budget.json", {"interpreter": 1100, "signatures": 500}
    record(file, HERE, {"refresh": 500, "userinfo": 300})
    record(file, elsewhere, {"refresh": 400})
    assert read(file) == Budget(running_python(), elsewhere, {"refresh": 400, "userinfo": 330})


def test_every_operation_of_the_benchmark_has_a_recorded_budget() -> None:
    names = {each.name for each in SCENARIOS} - {REFRESH_IN_A_STORM}
    assert set(read(regression.BUDGET).operations) == names, "make bench-record"


def test_clocks_go_more_slowly_where_everything_takes_longer() -> None:
    now = [50.0]
    clock = slowed(lambda: now[0], 50.0)
    now[0] += 2 * TIMES
    assert clock() == 52.0
