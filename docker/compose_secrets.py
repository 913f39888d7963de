"""`python -m docker.compose_secrets`: passwords, keys and certificates for `docker/compose.yaml`, made once.

What is there already stays. The folder is its owner's alone; the files in it may be read by whichever user a container
runs as, since an engine mounts them as they are.
"""

import base64
import secrets
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Final

from docker.cluster import passwords
from docker.cluster.certificates import Authority

FOLDER: Final = Path(__file__).parent / "secrets"
MOUNTED: Final = (
    *("superuser", "replication", "database", "valkey", "grafana"),
    *("secret", "idp.toml", "server.bundle", "client-authority.pem"),
)
DATABASES: Final = "postgresql-1:5432,postgresql-2:5432"
SENTINELS: Final = "172.30.54.41:26379,172.30.54.42:26379,172.30.54.43:26379"


def make(folder: Path, host: str) -> None:
    """Make what is missing for a provider whose certificate names `host`."""
    known = passwords.kept_in(folder)
    authority = Authority(folder, "authority")
    Authority(folder, "client-authority")
    if not (folder / "server.bundle").exists():
        authority.issue_server((host,))
    if not (folder / "grafana").exists():
        (folder / "grafana").write_text(secrets.token_urlsafe(24), encoding="ascii")
    if not (folder / "secret").exists():
        (folder / "secret").write_bytes(base64.b64encode(secrets.token_bytes(32)))
    database, state = (path.read_text(encoding="ascii") for path in (known.database, known.valkey))
    urls = (
        f'database_url = "postgresql://idp:{database}@{DATABASES}/idp?target_session_attrs=read-write"\n'
        f'state_url = "redis+sentinel://:{state}@{SENTINELS}/idp"\n'
    )
    (folder / "idp.toml").unlink(missing_ok=True)
    (folder / "idp.toml").write_text(urls, encoding="utf-8")
    for name in MOUNTED:
        (folder / name).chmod(0o444)


def main() -> int:
    """Make the folder; return the exit code."""
    parser = ArgumentParser(prog="python -m docker.compose_secrets", description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--host", default="localhost", help="the name in the server's certificate")
    chosen = parser.parse_args()
    make(chosen.folder, chosen.host)
    print(
        f"Secrets are in {chosen.folder}; browsers trust the provider once they know {chosen.folder / 'authority.pem'}."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
