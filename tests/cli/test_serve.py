"""`idp serve` as a process of its own."""

import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import closing, suppress
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from uvicorn.config import STARTUP_FAILURE

from idp.adapters.crypto.errors import KeyMaterialError
from idp.cli.refusal import Refusal
from idp.cli.serve import application
from idp.settings import Settings
from idp.web.edge.draining import Draining
from tests.server import IDP, ProviderProcess, provider_process

__all__ = ["provider_process"]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def migrated(provider_process: Callable[..., ProviderProcess]) -> Path:
    provider = provider_process()
    provider.command("migrate")
    return provider.folder


@pytest.fixture
def installed(provider_process: Callable[..., ProviderProcess], migrated: Path) -> ProviderProcess:
    provider = provider_process()
    shutil.copytree(migrated, provider.folder, dirs_exist_ok=True)
    return provider


def _get(provider: ProviderProcess, path: str) -> str:
    with urllib.request.urlopen(f"{provider.url}{path}", timeout=5) as answer:
        return str(answer.read().decode())


def _children(process: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def test_a_new_database_is_made_and_the_first_answer_comes_within_three_seconds(
    provider_process: Callable[..., ProviderProcess],
) -> None:
    provider = provider_process()
    provider.start()
    provider.stop()
    started = time.monotonic()
    provider.start()
    took = time.monotonic() - started
    print(f"first answer after {took:.1f} s")
    assert took < 3 * _slowness()
    assert provider.stop() == 0


def _slowness() -> float:
    """How much longer things take because others use the machine too."""
    return max(1.0, 2 * os.getloadavg()[0] / (os.cpu_count() or 1))


def test_an_older_schema_is_refused_in_one_line(installed: ProviderProcess) -> None:
    with closing(sqlite3.connect(installed.folder / "idp.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    done = installed.command("serve", "--port", str(installed.port), check=False)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "idp migrate" in done.stderr


def test_a_broken_file_about_who_vouches_for_clients_is_refused_in_one_line(installed: ProviderProcess) -> None:
    folder = installed.folder / "keys" / "software-statements"
    folder.mkdir(parents=True)
    (folder / "broken.json").write_text("{}")
    done = installed.command("serve", "--port", str(installed.port), check=False)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "broken.json" in done.stderr


def test_a_port_in_use_is_refused_in_one_line(installed: ProviderProcess) -> None:
    with socket.create_server(("127.0.0.1", installed.port)):
        done = installed.command("serve", "--port", str(installed.port), check=False)
    assert (done.returncode, done.stderr.count("\n"), done.stdout) == (1, 1, "")
    assert str(installed.port) in done.stderr


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("IDP_ISSUER", "nonsense"),
        ("IDP_SECRET_FILE", "/proc/nowhere/x"),
        ("IDP_NETWORK_PLACES", "/missing"),
        ("IDP_SERVICE_CA", "/missing"),
        ("IDP_MESSAGES", "https://sms.example.vn/"),
        ("IDP_BIOMETRIC_VERIFIER", "https://faces.example.vn"),
    ],
)
def test_wrong_settings_are_refused_in_one_line(installed: ProviderProcess, setting: str, value: str) -> None:
    installed.settings[setting] = value
    done = installed.command("serve", "--port", str(installed.port), check=False)
    assert (done.returncode, done.stderr.count("\n"), done.stdout) == (1, 1, "")
    del installed.settings[setting]


@pytest.mark.parametrize("lost", ["secret", "key"])
def test_a_keystore_that_does_not_open_is_refused_in_one_line(
    provider_process: Callable[..., ProviderProcess], lost: str
) -> None:
    made = provider_process()
    made.command("keys", "list")
    if lost == "secret":
        made.settings["IDP_SECRET_FILE"] = f"{made.folder}/gone"
    else:
        next((made.folder / "keys").glob("signing-*.json")).write_text("spoilt")
    done = made.command("serve", "--port", str(made.port), check=False)
    assert (done.returncode, done.stderr.count("\n"), done.stdout) == (1, 1, "")
    assert "the secret file" in done.stderr
    assert not (made.folder / "gone").exists()


def test_a_worker_that_cannot_be_built_says_so_in_one_line_and_is_not_begun_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise KeyMaterialError("the key file x does not open", "restore it")

    monkeypatch.setattr("idp.app.build_app", fail)
    monkeypatch.setattr("idp.adapters.observability.logs.adopt_library_logs", lambda _: None)
    with pytest.raises(SystemExit) as leaving:
        application(Settings(), None, 2, Draining())
    assert leaving.value.code == STARTUP_FAILURE
    assert capsys.readouterr().err == "idp: the key file x does not open: restore it\n"
    with pytest.raises(Refusal, match="does not open"):
        application(Settings(), None, 1, Draining())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_signal_stops_it_cleanly_while_a_connection_idles(
    installed: ProviderProcess, number: signal.Signals, workers: str
) -> None:
    installed.start("--workers", workers)
    assert installed.process is not None
    with socket.create_connection(("127.0.0.1", installed.port)) as idle:
        idle.sendall(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n")
        assert idle.recv(65536).startswith(b"HTTP/1.1 200")
        started = time.monotonic()
        installed.process.send_signal(number)
        assert installed.process.wait(20) == 0
    installed.ended()
    assert time.monotonic() - started < 5 * _slowness()
    assert "Traceback" not in installed.log_path.read_text(encoding="utf-8")


def test_every_answer_is_dated_those_of_resources_among_them(installed: ProviderProcess) -> None:
    """FAPI 2.0 section 5.3.3: resource servers answer with a Date."""
    installed.start()
    with pytest.raises(urllib.error.HTTPError) as refused:
        _get(installed, "/userinfo")
    with refused.value as answer:
        dated = parsedate_to_datetime(answer.headers["Date"])
    assert abs(dated.timestamp() - time.time()) < 60
    assert installed.stop() == 0


def test_a_request_in_progress_finishes_before_the_server_stops(installed: ProviderProcess) -> None:
    installed.start()
    assert installed.process is not None
    with socket.create_connection(("127.0.0.1", installed.port)) as connection:
        body = b"grant_type=client_credentials"
        kind = b"content-type: application/x-www-form-urlencoded\r\ncontent-length: %d\r\n\r\n" % len(body)
        connection.sendall(b"POST /token HTTP/1.1\r\nhost: x\r\n" + kind + body[:10])
        time.sleep(0.3)
        installed.process.terminate()
        time.sleep(0.3)
        connection.sendall(body[10:])
        answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 401")
    assert b"connection: close" in answer
    assert installed.stop() == 0


def test_a_worker_that_is_killed_comes_back_and_numbers_are_those_of_all(installed: ProviderProcess) -> None:
    installed.start("--workers", "2")
    assert installed.process is not None
    workers = _workers(installed.process.pid)
    assert len(workers) == 2
    os.kill(workers[0], signal.SIGKILL)
    deadline = time.monotonic() + 20
    while len(set(_workers(installed.process.pid)) - set(workers)) < 1:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    for _ in range(20):
        _get(installed, "/livez")
    deadline = time.monotonic() + 20
    while _count(_get(installed, "/metrics")) < 20:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert installed.stop() == 0


def _workers(supervisor: int) -> list[int]:
    """Return the processes that serve; one more child of the supervisor only keeps track of shared resources."""
    found = []
    for child in _children(supervisor):
        with suppress(OSError):
            if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                found.append(child)
    return found


def _count(numbers: str) -> float:
    match = re.search(r'idp_requests_total\{route="livez",status="200"\} ([0-9.]+)', numbers)
    return float(match[1]) if match else 0.0


def test_workers_end_when_their_supervisor_is_killed(installed: ProviderProcess) -> None:
    installed.start("--workers", "2")
    assert installed.process is not None
    workers = _workers(installed.process.pid)
    os.kill(installed.process.pid, signal.SIGKILL)
    installed.process.wait()
    installed.ended()
    deadline = time.monotonic() + 30
    while any(_is_running(worker) for worker in workers):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    with pytest.raises(urllib.error.URLError):
        _get(installed, "/livez")


def _is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_wrong_usage_is_exit_code_two() -> None:
    done = subprocess.run([*IDP, "serve", "--workers", "0"], capture_output=True, check=False)
    assert done.returncode == 2
