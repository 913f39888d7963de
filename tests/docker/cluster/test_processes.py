import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from docker.cluster.processes import ClusterError, Program, await_condition, plain_environment, run

SLEEPER = "import time; print('up', flush=True); time.sleep(600)"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SLEEPER!r}])"
LIMIT = 20.0

Make = Callable[..., Program]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[Program] = []

    def program(code: str, **environment: str) -> Program:
        command = (sys.executable, "-c", code)
        made.append(Program("sleeper", command, tmp_path / "log", {**plain_environment(), **environment}))
        return made[-1]

    yield program
    for each in made:
        each.kill()


def state(pid: int) -> str:
    """Return the kernel's letter for what the process does, `gone` when there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return "gone"


def says_up(program: Program) -> bool:
    return "up" in program.log.read_text(encoding="utf-8")


def child(pid: int) -> int:
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii"))


def test_a_program_runs_until_it_is_stopped(make: Make) -> None:
    program = make(SLEEPER)
    program.start()
    pid = program.pid
    assert program.runs
    program.stop()
    assert not program.runs
    assert state(pid) == "gone"


def test_killing_takes_the_children_along(make: Make) -> None:
    program = make(PARENT)
    program.start()
    await_condition(lambda: says_up(program), LIMIT, "a child")
    grandchild = child(program.pid)
    program.kill()
    await_condition(lambda: state(grandchild) in {"gone", "Z"}, LIMIT, "the child's end")


def test_a_paused_program_runs_on_only_when_resumed(make: Make) -> None:
    program = make(PARENT)
    program.start()
    await_condition(lambda: says_up(program), LIMIT, "a child")
    both = (program.pid, child(program.pid))
    program.pause()
    await_condition(lambda: [state(pid) for pid in both] == ["T", "T"], LIMIT, "both stopped")
    assert program.runs
    program.resume()
    await_condition(lambda: "T" not in [state(pid) for pid in both], LIMIT, "both go on")


def test_an_end_before_it_is_ready_is_told_with_its_last_words(make: Make) -> None:
    class Impatient(Program):
        def is_ready(self) -> bool:
            return False

    plain = make("raise SystemExit('no such door')")
    program = Impatient(plain.name, plain.command, plain.log, plain.environment)
    with pytest.raises(ClusterError, match=r"sleeper stopped \(no such door\)"):
        program.start()


def test_what_is_added_for_one_start_is_gone_at_the_next(make: Make) -> None:
    program = make("import os; print('up', os.environ.get('SHIFT'), flush=True); import time; time.sleep(600)")
    program.launch({"SHIFT": "1h"})
    await_condition(lambda: "up 1h" in program.log.read_text(encoding="utf-8"), LIMIT, "the first start")
    program.restart()
    await_condition(lambda: "up None" in program.log.read_text(encoding="utf-8"), LIMIT, "the second start")


def test_what_an_earlier_start_left_behind_is_ended(make: Make) -> None:
    lost, later = make(SLEEPER), make(SLEEPER)
    lost.start()
    later.end_leftover()
    assert not lost.runs
    later.start()
    assert later.runs


def test_a_number_that_is_somebody_else_s_by_now_is_left_alone(make: Make) -> None:
    somebody, later = make(SLEEPER), make(SLEEPER)
    somebody.start()
    somebody.log.with_name("sleeper.pid").write_text(f"{somebody.pid} 1", encoding="ascii")
    later.end_leftover()
    assert somebody.runs


def test_a_log_is_its_owner_s(make: Make) -> None:
    program = make(SLEEPER)
    program.start()
    assert program.log.stat().st_mode & 0o777 == 0o600


def test_a_program_that_does_not_run_has_no_process_id(make: Make) -> None:
    with pytest.raises(ClusterError, match="does not run"):
        _ = make(SLEEPER).pid


def test_a_command_that_fails_is_told_by_its_last_line() -> None:
    command = (sys.executable, "-c", "import sys; print('first', file=sys.stderr); sys.exit('because')")
    with pytest.raises(ClusterError, match="failed: because"):
        run(command, plain_environment())


def test_settings_of_the_caller_reach_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "IDP_ISSUER", "https://somebody.else.example")
    assert not [name for name in plain_environment() if name.startswith("IDP_")]
