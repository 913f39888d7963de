"""The real provider as its own process: `idp serve` on a free port, a database of its own, people and clients loaded.

`provider` is shared by a module's tests; `provider_process` makes one that a test may stop, kill and start again.
"""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from docker.cluster.ports import free_port
from idp.adapters.crypto.secret_file import load_secret
from tests.chosen_engines import database_url, state_url
from tests.lifeline import Lifeline

START_LIMIT = 90.0
"""Seconds: a machine may be busy with other tests."""

PASSWORD = "correct horse battery"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
IDP = (sys.executable, "-c", "from idp.cli.main import main; main()")
CITIZEN = "001099000001"
OFFICER = "b@g10.example.vn"
CALLBACK = "http://localhost:9999/callback"
PORTAL = ("portal", "portal-secret-portal-secret-portal")
OTHER = ("other", "other-secret-other-secret-other-sec")
MACHINE = ("machine", "machine-secret-machine-secret-mach")
PUBLIC = "public-app"

RECORDS = f"""
agencies: [{{code: G10, name: Bộ Thử nghiệm, kind: ministry}}]
people:
  - {{personal_number: "{CITIZEN}", name: Nguyễn Văn An, birthdate: 1999-01-02, gender: male, level: 2,
      email: an@example.vn, password: {PASSWORD}, totp_secret: {TOTP_SECRET}}}
  - {{personal_number: "001185000002", name: Trần Thị Bình, birthdate: 1985-03-04, gender: female, level: 2}}
officers:
  - {{personal_number: "001185000002", agency: G10, position: Chuyên viên, roles: [], username: {OFFICER},
      password: {PASSWORD}, totp_secret: {TOTP_SECRET}}}
resources: [{{audience: "https://api.example.vn", scopes: [dossier.read, dossier.write]}}]
clients:
  - {{client_id: {PORTAL[0]}, client_secret: {PORTAL[1]}, client_name: Cổng thử, redirect_uris: ["{CALLBACK}"],
      post_logout_redirect_uris: ["http://localhost:9999/signed-out"], grant_types: [authorization_code, refresh_token],
      scope: openid profile email identity offline_access dossier.read, skip_consent: true,
      id_token_signed_response_alg: ES256}}
  - {{client_id: {OTHER[0]}, client_secret: {OTHER[1]}, client_name: Ứng dụng khác, redirect_uris: ["{CALLBACK}"],
      grant_types: [authorization_code, refresh_token], scope: openid profile email}}
  - {{client_id: {MACHINE[0]}, client_secret: {MACHINE[1]}, grant_types: [client_credentials], scope: dossier.read,
      redirect_uris: []}}
  - {{client_id: {PUBLIC}, token_endpoint_auth_method: none, client_name: Ứng dụng công khai,
      redirect_uris: ["{CALLBACK}"], scope: openid profile}}
"""


@dataclass
class ProviderProcess:
    """One installation in a folder, and the process that serves it while it runs."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    _lifeline: Lifeline = field(default_factory=Lifeline)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def log_path(self) -> Path:
        return self.folder / "serve.log"

    @property
    def environment(self) -> dict[str, str]:
        # Beside an SQLite file any command makes the secret; other installations bring it.
        load_secret(self.folder / "secret", create=True)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("IDP_")}
        return {
            **kept,
            "IDP_ISSUER": self.url,
            "IDP_DATABASE_URL": database_url(self.folder),
            "IDP_STATE_URL": state_url(self.folder),
            "IDP_KEYSTORE": f"file:{self.folder}/keys/",
            "IDP_SECRET_FILE": f"{self.folder}/secret",
            "IDP_MAIL": f"file:{self.folder}/mail",
            "IDP_AUDIT_CHECKPOINTS": f"file:{self.folder}/checkpoints.jsonl",
            "IDP_ARGON2": "m=8,t=1,p=1",
            **self.settings,
        }

    def command(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run an `idp` command on this installation."""
        done = subprocess.run(
            [*IDP, *arguments],
            env=self.environment, cwd=self.folder, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert not check or done.returncode == 0, done.stderr
        return done

    def load(self, records: str) -> None:
        """Import records written as YAML."""
        path = self.folder / "records.yaml"
        path.write_text(records, encoding="utf-8")
        self.command("import", str(path))

    def start(self, *options: str) -> None:
        """Serve, and return once requests are answered."""
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [*IDP, "serve", "--port", str(self.port), *options],
                env=self.environment, cwd=self.folder, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self._lifeline.tie(self.process)
        deadline = time.monotonic() + START_LIMIT
        while not self._answers():
            assert self.process.poll() is None, self.log_path.read_text(encoding="utf-8")
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/livez", timeout=1) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def stop(self) -> int:
        """Ask the server to stop; return its exit code."""
        assert self.process is not None
        self.process.terminate()
        code = self.process.wait(40)
        self.ended()
        return code

    def kill(self) -> None:
        """End every process of the server as a power cut would."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)
        self.ended()

    def ended(self) -> None:
        """The server is gone, however that came about."""
        self.process = None
        self._lifeline.release()

    def log(self) -> list[dict[str, Any]]:
        """Return the log's lines."""
        return [json.loads(line) for line in self.log_path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def provider_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., ProviderProcess]]:
    made: list[ProviderProcess] = []

    def make(**settings: str) -> ProviderProcess:
        made.append(ProviderProcess(tmp_path_factory.mktemp("provider"), settings))
        return made[-1]

    yield make
    for each in made:
        if each.process is not None:
            each.stop()


@pytest.fixture(scope="module")
def records() -> str:
    """The people and clients; a module that needs others has a fixture of this name."""
    return RECORDS


@pytest.fixture(scope="module")
def provider(provider_process: Callable[..., ProviderProcess], records: str) -> ProviderProcess:
    made = provider_process()
    made.load(records)
    made.start()
    return made
