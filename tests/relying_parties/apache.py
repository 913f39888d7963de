"""Apache with mod_auth_openidc as a process of the test's own: its configuration, its port, its folder."""

import secrets
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.lifeline import Lifeline
from tests.relying_parties.installed import apache

START_LIMIT: Final = 30.0
"""Seconds."""

MODULES: Final = ("mpm_event", "authn_core", "authz_core", "authz_user", "dir", "headers", "auth_openidc")
CONFIGURATION: Final = """
ServerRoot "{folder}"
Listen 127.0.0.1:{port}
PidFile "{folder}/apache.pid"
DefaultRuntimeDir "{folder}"
Mutex file:{folder}
ErrorLog "{folder}/error.log"
StartServers 1
ThreadsPerChild 8
MaxRequestWorkers 8
ServerLimit 1
{modules}
LogLevel warn auth_openidc:info
User nobody
Group nogroup
DocumentRoot "{folder}/pages"
UseCanonicalName On
ServerName http://localhost:{port}

OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCClientID {client_id}
OIDCClientSecret {client_secret}
OIDCRedirectURI http://localhost:{port}/protected/answer
OIDCDefaultLoggedOutURL http://localhost:{port}/
OIDCCryptoPassphrase {passphrase}
OIDCScope "openid profile email"
OIDCPKCEMethod S256
OIDCRemoteUserClaim sub
OIDCPassClaimsAs environment

<Directory "{folder}/pages">
  Require all granted
</Directory>
<Location /protected>
  AuthType openid-connect
  Require valid-user
  Header always set X-Person "expr=%{{reqenv:OIDC_CLAIM_name}}"
  Header always set X-Email "expr=%{{reqenv:OIDC_CLAIM_email}}"
  Header always set X-Subject "expr=%{{REMOTE_USER}}"
</Location>
"""


@dataclass(frozen=True, slots=True)
class Apache:
    """The running server: `/` is open, `/protected/` is not."""

    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def log(self) -> str:
        """What it said, for who reads a failed test."""
        return "".join(path.read_text(encoding="utf-8", errors="replace") for path in self.folder.glob("*.log"))

    def is_up(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/", timeout=2):
                return True
        except OSError:
            return False


@contextmanager
def running_apache(port: int, issuer: str, client_id: str, client_secret: str) -> Iterator[Apache]:
    """Start Apache in front of two pages, and end it."""
    program, modules = apache()
    with TemporaryDirectory(prefix="apache-") as folder:
        server = Apache(Path(folder), port)
        _lay_out(server, modules, issuer=issuer, client_id=client_id, client_secret=client_secret)
        with (server.folder / "out.log").open("wb") as out:
            process = subprocess.Popen(
                [program, "-f", str(server.folder / "apache.conf"), "-D", "FOREGROUND"],
                stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip
        lifeline = Lifeline()
        lifeline.tie(process, folder=server.folder)
        try:
            _wait(server, process)
            yield server
        finally:
            process.terminate()
            process.wait(30)
            lifeline.release()


def _lay_out(server: Apache, modules: Path, **provider: str) -> None:
    # Where root starts it, its children are nobody, who may not look into a folder of root's own.
    server.folder.chmod(0o755)
    protected = server.folder / "pages/protected"
    protected.mkdir(parents=True)
    (protected / "index.html").write_text("<h1>Protected</h1>", encoding="utf-8")
    (server.folder / "pages/index.html").write_text("<h1>Open</h1>", encoding="utf-8")
    loaded = "\n".join(f'LoadModule {name}_module "{modules}/mod_{name}.so"' for name in MODULES)
    configuration = CONFIGURATION.format(
        folder=server.folder, port=server.port, modules=loaded, passphrase=secrets.token_hex(16), **provider
    )
    (server.folder / "apache.conf").write_text(configuration, encoding="utf-8")


def _wait(server: Apache, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_LIMIT
    while not server.is_up():
        assert process.poll() is None, server.log()
        assert time.monotonic() < deadline, server.log()
        time.sleep(0.05)
