import os
import signal
import socket
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from idp.cli import serving
from idp.cli.refusal import Refusal


def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(Refusal, match="Address already in use"):
        serving.listen("127.0.0.1", taken.getsockname()[1])


@pytest.mark.parametrize("host", ["no.such.host.invalid", "192.0.2.1"])
def test_an_address_that_is_not_ours_is_one_line(host: str) -> None:
    with pytest.raises(Refusal):
        serving.listen(host, 0)


def test_port_zero_is_a_free_one() -> None:
    with serving.listen("127.0.0.1", 0) as listener:
        assert listener.getsockname()[1] > 0


def test_connections_stay_below_the_limit_of_open_files(monkeypatch: pytest.MonkeyPatch) -> None:
    limits: list[tuple[int, int]] = []
    monkeypatch.setattr("resource.setrlimit", lambda _, given: limits.append(given))
    monkeypatch.setattr("resource.getrlimit", lambda _: (1024, 4096))
    assert serving._allow_connections() == 4096 - 256
    monkeypatch.setattr("resource.getrlimit", lambda _: (1024, -1))
    assert serving._allow_connections() == serving.MOST_CONNECTIONS
    monkeypatch.setattr("resource.getrlimit", lambda _: (10**6, 10**6))
    assert serving._allow_connections() == serving.MOST_CONNECTIONS
    assert limits == [(4096, 4096), (serving.MOST_CONNECTIONS + 256, -1)]


def _broken() -> Any:
    raise OSError("no")


async def _fails_to_start(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no"})


@pytest.fixture
def signals_kept() -> Any:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("signals_kept")
def test_an_application_that_does_not_start_is_a_refusal() -> None:
    with serving.listen("127.0.0.1", 0) as listener, pytest.raises(Refusal, match="did not start"):
        serving.serve(lambda _: _fails_to_start, listener, 1)


def test_a_worker_without_its_supervisor_does_not_begin() -> None:
    with pytest.raises(SystemExit):
        serving._build_in_worker(_broken, os.getpid() + 1_000_000)
    with pytest.raises(OSError, match="no"):
        partial(serving._build_in_worker, _broken)(os.getppid())


def test_a_signal_before_the_start_ends_the_process_quietly() -> None:
    with pytest.raises(SystemExit) as leaving:
        serving._leave(signal.SIGTERM, None)
    assert leaving.value.code == 0
