import os
import signal
import socket
import stat
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from docker.cluster.ports import free_port
from idp.cli import demo_processes
from idp.cli.demo_processes import Processes, Service, StopRequest, refuse_taken_ports
from idp.cli.refusal import Refusal

READY = """
import http.server, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/livez" else 404)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
IDLE = "import time; time.sleep(60)"
LAST_WORDS = "import sys; print('no such table: people'); sys.exit(3)"


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    with StopRequest() as stop, Processes(tmp_path / "log", stop) as running:
        yield running


def service(script: str, port: int, *arguments: str, path: str = "/livez") -> Service:
    return Service("sample", "Sample", port, ("-c", script, *arguments), {"PATH": os.defpath}, path)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_taken_port_is_named_before_anything_starts() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        with pytest.raises(Refusal, match=f"port {taken} is in use: .*--port"):
            refuse_taken_ports([taken])


def test_free_ports_are_not_refused(port: int) -> None:
    refuse_taken_ports([port])


def test_what_an_application_prints_is_kept_for_the_owner_alone(processes: Processes, port: int) -> None:
    sample = service(LAST_WORDS, port)
    processes.log(sample).touch(0o644)
    processes.start(sample)
    assert stat.S_IMODE(processes.log(sample).stat().st_mode) == 0o600


def test_an_application_is_ready_once_it_answers_200(processes: Processes, port: int) -> None:
    sample = service(READY, port, str(port))
    assert demo_processes.answers(sample) is False
    processes.start(sample)
    assert processes.wait_until_ready() is True
    assert demo_processes.answers(sample) is True
    assert sample.url == f"http://localhost:{port}"


def test_an_application_that_answers_an_error_is_not_ready(
    processes: Processes, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo_processes, "START_LIMIT", 0.5)
    processes.start(service(READY, port, str(port), path="/readyz"))
    with pytest.raises(Refusal, match=r"Sample is not ready after .*its output is in .*sample\.log"):
        processes.wait_until_ready()


def test_an_application_that_ends_is_reported_with_its_last_words(processes: Processes, port: int) -> None:
    processes.start(service(LAST_WORDS, port))
    with pytest.raises(Refusal, match=r"Sample stopped with exit code 3 \(no such table: people\): its output is in"):
        processes.wait_until_ready()


def test_an_application_that_ends_later_is_reported_too(processes: Processes, port: int) -> None:
    processes.start(service("pass", port))
    with pytest.raises(Refusal, match="Sample stopped with exit code 0: "):
        processes.watch(lambda: None)


def test_leaving_stops_every_application(tmp_path: Path, port: int) -> None:
    sample = service(READY, port, str(port))
    with StopRequest() as stop, Processes(tmp_path, stop) as running:
        running.start(sample)
        running.wait_until_ready()
    assert demo_processes.answers(sample) is False


def test_an_application_that_does_not_stop_is_ended(tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_processes, "STOP_LIMIT", 0.2)
    sample = service(DEAF, port)
    with StopRequest() as stop, Processes(tmp_path, stop) as running:
        running.start(sample)
        until(lambda: running.log(sample).read_text(encoding="utf-8") == "deaf\n")
    with pytest.raises(Refusal, match="exit code -9"):
        running.refuse_if_one_ended()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_asks_to_stop_and_the_handler_before_comes_back(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with StopRequest() as stop:
        assert not stop.asked
        signal.raise_signal(number)
        assert stop.asked
    assert signal.getsignal(number) is before


def test_asked_to_stop_while_starting_nothing_is_called_ready(processes: Processes, port: int) -> None:
    processes.start(service(IDLE, port))
    signal.raise_signal(signal.SIGINT)
    assert processes.wait_until_ready() is False
    processes.watch(lambda: None)


def test_enter_on_the_terminal_is_told(processes: Processes, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, terminal = os.openpty()
    with os.fdopen(terminal, "r", encoding="utf-8") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        processes.start(service(IDLE, port))
        os.write(ours, b"\n")
        told = []

        def on_enter() -> None:
            told.append(True)
            signal.raise_signal(signal.SIGINT)

        processes.watch(on_enter)
    os.close(ours)
    assert told == [True]


def test_the_end_of_the_terminals_input_does_not_stop_the_demo(
    processes: Processes, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, terminal = os.openpty()
    with os.fdopen(terminal, "r", encoding="utf-8") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        processes.start(service(IDLE, port))
        os.write(ours, b"\x04")
        timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        processes.watch(lambda: pytest.fail("nothing was typed"))
        timer.join()
    os.close(ours)
