"""The applications as processes: quick to start without the provider, clean to stop."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from clients.relying_party.serve import serve
from clients.relying_party.settings import Environment
from docker.cluster.ports import free_port

pytestmark = pytest.mark.slow
APPLICATIONS = ["national_portal", "ministry_portal", "payment_gateway", "mailbox"]


def environment(folder: Path, port: int) -> dict[str, str]:
    nobody = "http://localhost:1"
    return os.environ | {
        "ISSUER": nobody,
        "PORT": str(port),
        "DATABASE": str(folder / "store.db"),
        "CLIENT_ID": "client",
        "CLIENT_SECRET": "secret",
        "OFFICER_CLIENT_ID": "officers",
        "OFFICER_CLIENT_SECRET": "secret",
        "MINISTRY_URL": nobody,
        "GATEWAY_URL": nobody,
        "PORTAL_URL": nobody,
        "MAIL_DIRECTORY": str(folder),
    }


def wait_until_live(process: subprocess.Popen[str], port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert process.poll() is None
        try:
            if httpx.get(f"http://127.0.0.1:{port}/livez", trust_env=False).text == "ok":
                return
        except httpx.HTTPError:
            time.sleep(0.05)
    pytest.fail("not live in time")


@pytest.mark.parametrize("name", APPLICATIONS)
@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_an_application_starts_without_the_provider_and_stops_on_a_signal(
    tmp_path: Path, name: str, stop: signal.Signals
) -> None:
    port = free_port()
    command = [sys.executable, "-m", f"clients.{name}"]
    process = subprocess.Popen(
        command, env=environment(tmp_path, port), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        wait_until_live(process, port)
        assert httpx.get(f"http://localhost:{port}/", trust_env=False).status_code == 200
        process.send_signal(stop)
        output, _ = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0, output
    assert "Traceback" not in output


def test_a_refused_setting_ends_the_start_with_one_line(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="PORT"):
        serve("clients.mailbox.app:from_environment", Environment({"PORT": "none"}))
