"""How long `idp serve` takes from its start to its first answer."""

import subprocess
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from bench.installation import IDP

_PATH = "/.well-known/openid-configuration"
_MOST = 60.0
_GLANCE = 0.01


def seconds_until_answer(environment: Mapping[str, str], port: int, folder: Path) -> float:
    """Start it where this process runs, ask until it answers, and end it again."""
    with (folder / "start-log").open("wb") as log:
        started = time.monotonic()
        process = subprocess.Popen(
            [*IDP, "serve", "--port", str(port)], env=dict(environment), cwd=folder, stdout=log, stderr=log
        )
        try:
            while not _answers(port):
                assert process.poll() is None, (folder / "start-log").read_text(encoding="utf-8")
                assert time.monotonic() - started < _MOST, "it did not answer"
                time.sleep(_GLANCE)
            return time.monotonic() - started
        finally:
            process.terminate()
            process.wait(40)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{_PATH}", timeout=10):
            return True
    except OSError:
        return False
