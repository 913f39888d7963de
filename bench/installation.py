"""A provider of the benchmark's own: its records, its folder, its process on one core."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CALLBACK = "http://localhost:1/callback"
PASSWORD = "a password for the benchmark"
PORTAL = ("bench-portal", "bench-portal-secret-bench-portal")
MACHINE = ("bench-machine", "bench-machine-secret-bench-machine")
AUDIENCE = "https://bench.example"
PEOPLE = 200

_IDP = (sys.executable, "-c", "from idp.cli.main import main; main()")
_START_LIMIT = 30.0


def personal_number(person: int) -> str:
    """Return the personal number of one of the people loaded."""
    return f"001099{person % PEOPLE:06}"


def _records() -> str:
    people = "".join(
        f'  - {{personal_number: "{personal_number(person)}", name: Người Đo {person}, level: 2, '
        f"email: person{person}@bench.example, password: {PASSWORD}}}\n"
        for person in range(PEOPLE)
    )
    return f"""resources: [{{audience: "{AUDIENCE}", scopes: [bench.read]}}]
clients:
  - {{client_id: {PORTAL[0]}, client_secret: {PORTAL[1]}, client_name: Bench, redirect_uris: ["{CALLBACK}"],
      grant_types: [authorization_code, refresh_token], scope: openid profile email offline_access,
      skip_consent: true, id_token_signed_response_alg: ES256}}
  - {{client_id: {MACHINE[0]}, client_secret: {MACHINE[1]}, grant_types: [client_credentials], scope: bench.read,
      redirect_uris: []}}
people:
{people}"""


@dataclass(frozen=True, slots=True)
class Installation:
    """A running provider."""

    port: int
    pid: int

    @property
    def origin(self) -> str:
        """The provider's address, its issuer."""
        return f"http://localhost:{self.port}"


@contextmanager
def installed(core: int, workers: int = 1) -> Iterator[Installation]:
    """Load records into a new database and serve it on `core`; everything is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="idp-bench-") as name:
        folder = Path(name)
        port = _free_port()
        environment = _environment(folder, port)
        (folder / "records.yaml").write_text(_records(), encoding="utf-8")
        subprocess.run(
            [*_IDP, "import", str(folder / "records.yaml")], env=environment, check=True, capture_output=True
        )
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [*_IDP, "serve", "--port", str(port), "--workers", str(workers)],
                env=environment, cwd=folder, stdout=log, stderr=log,
            )  # fmt: skip
        os.sched_setaffinity(process.pid, {core})
        try:
            _wait_until_ready(process, f"http://localhost:{port}/readyz", folder / "log")
            yield Installation(port, process.pid)
        finally:
            process.terminate()
            process.wait(40)


def _environment(folder: Path, port: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("IDP_")}
    return {
        **kept,
        "IDP_ISSUER": f"http://localhost:{port}",
        "IDP_DATABASE_URL": f"sqlite:///{folder}/idp.db",
        "IDP_KEYSTORE": f"file:{folder}/keys/",
        "IDP_SECRET_FILE": f"{folder}/secret",
        "IDP_MAIL": f"file:{folder}/mail",
        "IDP_AUDIT_CHECKPOINTS": f"file:{folder}/checkpoints.jsonl",
        # Every visitor comes from an address of his or her own, told by a proxy, as in the world outside.
        "IDP_TRUSTED_PROXIES": "127.0.0.1,::1",
    }


def _wait_until_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + _START_LIMIT
    while True:
        try:
            with urllib.request.urlopen(url, timeout=1):  # noqa: S310 -- our own address
                return
        except OSError:
            assert process.poll() is None, log.read_text(encoding="utf-8")
            assert time.monotonic() < deadline, log.read_text(encoding="utf-8")
            time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
