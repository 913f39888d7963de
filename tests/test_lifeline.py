import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.lifeline import Lifeline

RUN = """
import pathlib, subprocess, sys, time
from tests.lifeline import Lifeline
server = subprocess.Popen(["sleep", "600"], start_new_session=True)
Lifeline().tie(server, folder=pathlib.Path(sys.argv[1]))
print(server.pid, flush=True)
time.sleep(600)
"""


def is_gone(pid: int) -> bool:
    """Whether no such process runs; one that nobody has waited for counts as gone."""
    try:
        return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_server_ends_with_the_run_that_started_it(tmp_path: Path, how: signal.Signals) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    run = subprocess.Popen([sys.executable, "-c", RUN, folder], stdout=subprocess.PIPE, text=True)
    assert run.stdout
    server = int(run.stdout.readline())
    assert not is_gone(server)

    run.send_signal(how)
    run.communicate(timeout=30)

    deadline = time.monotonic() + 30
    while not (is_gone(server) and not folder.exists()):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_what_was_released_is_left_alone() -> None:
    server = subprocess.Popen(["sleep", "600"], start_new_session=True)
    lifeline = Lifeline()
    lifeline.tie(server)
    watcher = lifeline.watcher
    assert watcher

    lifeline.release()

    assert watcher.returncode == 0
    assert not is_gone(server.pid)
    os.kill(server.pid, signal.SIGKILL)
    server.wait(30)
