"""A provider of the benchmark's own: its records, its folder, its nodes on one core."""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import argon2

from bench.machine import Usage, usage_of
from bench.passkeys import TOTP_SECRET
from bench.proofs import ProvingClient
from docker.cluster.ports import free_port

CALLBACK = "http://localhost:1/callback"
PASSWORD = "a password for the benchmark"
PORTAL = ("bench-portal", "bench-portal-secret-bench-portal")
PROVING = ProvingClient("bench-proving")
MACHINE = ("bench-machine", "bench-machine-secret-bench-machine")
AUDIENCE = "https://bench.example"
_ARGON2 = "m=19456,t=2,p=1"
"""`IDP_ARGON2` as shipped."""

PEOPLE = 200
HOLDERS = 64
"""Further people, who have one-time codes, with which they make a passkey."""

IDP = (sys.executable, "-c", "from idp.cli.main import main; main()")
_START_LIMIT = 900.0
_ANSWER_LIMIT = 30.0
"""The socket listens before anybody answers, and a provider that is looked at closely takes long to."""


def personal_number(person: int) -> str:
    """Return the personal number of one of the people loaded."""
    return f"001099{person % PEOPLE:06}"


def holder_number(holder: int) -> str:
    """Return the personal number of one of the people who make a passkey."""
    return f"001098{holder % HOLDERS:06}"


def _hashed(cost: str) -> str:
    """Return the hash of everybody's password at this cost. Made once: one for each would take longer than the load."""
    parts = {name: int(value) for name, _, value in (part.partition("=") for part in cost.split(","))}
    return argon2.PasswordHasher(time_cost=parts["t"], memory_cost=parts["m"], parallelism=parts["p"]).hash(PASSWORD)


def _records(password_hash: str) -> str:
    def person(number: str, name: str, more: str = "") -> str:
        return (
            f'  - {{personal_number: "{number}", name: {name}, level: 2, email: p{number}@bench.example, '
            f'password_hash: "{password_hash}"{more}}}\n'
        )

    people = "".join(person(personal_number(each), f"Người Đo {each}") for each in range(PEOPLE))
    people += "".join(
        person(holder_number(each), f"Người Giữ {each}", f", totp_secret: {TOTP_SECRET}") for each in range(HOLDERS)
    )
    return f"""resources: [{{audience: "{AUDIENCE}", scopes: [bench.read]}}]
clients:
  - {{client_id: {PORTAL[0]}, client_secret: {PORTAL[1]}, client_name: Bench, redirect_uris: ["{CALLBACK}"],
      grant_types: [authorization_code, refresh_token], scope: openid profile email offline_access,
      skip_consent: true, id_token_signed_response_alg: ES256}}
  - {{client_id: {PROVING.client_id}, client_name: Bench, redirect_uris: ["{CALLBACK}"],
      grant_types: [authorization_code, refresh_token], scope: openid profile email offline_access,
      skip_consent: true, id_token_signed_response_alg: ES256, dpop_bound_access_tokens: true,
      token_endpoint_auth_method: private_key_jwt, jwks: {{keys: [{json.dumps(PROVING.jwk)}]}}}}
  - {{client_id: {MACHINE[0]}, client_secret: {MACHINE[1]}, grant_types: [client_credentials], scope: bench.read,
      redirect_uris: []}}
people:
{people}"""


@dataclass(frozen=True, slots=True)
class Installation:
    """A running provider: the port and the process of each node (the parent of its workers where there are several)."""

    ports: tuple[int, ...]
    pids: tuple[int, ...]
    workers: int = 1

    @property
    def processes(self) -> int:
        """How many processes answer."""
        return len(self.ports) * self.workers

    @property
    def origin(self) -> str:
        """The provider's address, its issuer."""
        return _issuer(self.ports)

    def port(self, connection: int) -> int:
        """The node that this connection goes to."""
        return self.ports[connection % len(self.ports)]

    def usage(self) -> Usage:
        """What all nodes together use."""
        each = [usage_of(pid) for pid in self.pids]
        return Usage(sum(one.cpu for one in each), sum(one.memory for one in each))


def load_records(folder: Path, environment: Mapping[str, str]) -> None:
    """Import what the scenarios need; `folder` is for the file."""
    records = _records(_hashed(environment.get("IDP_ARGON2", _ARGON2)))
    (folder / "records.yaml").write_text(records, encoding="utf-8")
    subprocess.run([*IDP, "import", str(folder / "records.yaml")], env=environment, check=True, capture_output=True)


@contextmanager
def served(
    core: int,
    environment: Mapping[str, str],
    ports: tuple[int, ...],
    folder: Path,
    workers: int = 1,
    command: Sequence[str] = IDP,
) -> Iterator[Installation]:
    """Serve on `core`, one node for each port, by `command`; they are gone afterwards."""
    processes = []
    try:
        for port in ports:
            with (folder / f"log-{port}").open("wb") as log:
                node = {**environment, "IDP_NODE": f"node-{port}"}
                processes.append(
                    subprocess.Popen(
                        [*command, "serve", "--port", str(port), "--workers", str(workers)],
                        env=node, cwd=folder, stdout=log, stderr=log,
                    )
                )  # fmt: skip
            os.sched_setaffinity(processes[-1].pid, {core})
        for port, process in zip(ports, processes, strict=True):
            _wait_until_ready(process, f"http://localhost:{port}/readyz", folder / f"log-{port}")
        yield Installation(ports, tuple(process.pid for process in processes), workers)
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(40)
            finally:
                process.kill()


@contextmanager
def installed(core: int, workers: int = 1) -> Iterator[Installation]:
    """Load records into a new database and serve it on `core`; everything is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="idp-bench-") as name:
        folder = Path(name)
        ports = (free_port(),)
        environment = settings(ports) | within(folder)
        load_records(folder, environment)
        with served(core, environment, ports, folder, workers) as installation:
            yield installation


def within(folder: Path) -> dict[str, str]:
    """Return where an installation keeps everything when it has no stores but a folder."""
    return {
        "IDP_DATABASE_URL": f"sqlite:///{folder}/idp.db",
        "IDP_KEYSTORE": f"file:{folder}/keys/",
        "IDP_SECRET_FILE": f"{folder}/secret",
        "IDP_MAIL": f"file:{folder}/mail",
        "IDP_AUDIT_CHECKPOINTS": f"file:{folder}/checkpoints.jsonl",
    }


def settings(ports: tuple[int, ...]) -> dict[str, str]:
    """What every installation is started with, wherever its stores are."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("IDP_")},
        "IDP_ISSUER": _issuer(ports),
        # Every visitor comes from an address of his or her own, told by a proxy, as in the world outside.
        "IDP_TRUSTED_PROXIES": "127.0.0.1,::1",
    }


@contextmanager
def settings_in_force(environment: Mapping[str, str]) -> Iterator[None]:
    """Let what is called in this process find these settings, and no others, around it."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _issuer(ports: tuple[int, ...]) -> str:
    return f"http://localhost:{ports[0]}"


def _wait_until_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + _START_LIMIT
    while True:
        try:
            with urllib.request.urlopen(url, timeout=_ANSWER_LIMIT):  # noqa: S310 -- our own address
                return
        except OSError:
            assert process.poll() is None, log.read_text(encoding="utf-8")
            assert time.monotonic() < deadline, log.read_text(encoding="utf-8")
            time.sleep(0.05)
