"""The least that an answer costs: its bytes and nothing else, on uvicorn as `idp serve` runs it, without our bounds.

`python -m bench.peers.bare PORT FILE` serves the answers in a file: by path, headers and body.
"""

import base64
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import uvicorn

from bench.installation import Installation
from bench.peers.contestants import BARE, Contestant, temporary_folder
from docker.cluster.ports import free_port

COPIED = ("/.well-known/openid-configuration", "/jwks")
_OF_THE_SERVER = frozenset({"date", "server", "connection", "transfer-encoding"})
_START_LIMIT = 30.0
_Headers = list[tuple[bytes, bytes]]
_Messages = Callable[[dict[str, Any]], Awaitable[None]]


class Answers:
    """An ASGI application that knows whole answers by path."""

    def __init__(self, answers: Mapping[str, tuple[_Headers, bytes]]) -> None:
        self._messages = {
            path: (
                {"type": "http.response.start", "status": 200, "headers": headers},
                {"type": "http.response.body", "body": body},
            )
            for path, (headers, body) in answers.items()
        }
        self._unknown = (
            {"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]},
            {"type": "http.response.body", "body": b""},
        )

    async def __call__(self, scope: Mapping[str, Any], _receive: object, send: _Messages) -> None:
        """Send what is known of the path."""
        start, body = self._messages.get(scope["path"], self._unknown)
        await send(start)
        await send(body)


@contextmanager
def bare(like: Installation) -> Iterator[Contestant]:
    """Serve, where this process runs, what another one answers: the same headers, the same bodies."""
    with temporary_folder() as folder:
        (folder / "answers.json").write_text(json.dumps({path: _copied(like, path) for path in COPIED}))
        port = free_port()
        process = subprocess.Popen([sys.executable, "-m", __name__, str(port), str(folder / "answers.json")])
        try:
            _wait(process, port)
            yield Contestant(BARE, Installation((port,), (process.pid,)))
        finally:
            process.terminate()
            process.wait(30)


def _copied(like: Installation, path: str) -> dict[str, Any]:
    with urlopen(f"http://127.0.0.1:{like.port(0)}{path}", timeout=10) as answer:
        headers = [(name.lower(), value) for name, value in answer.headers.items()]
        body = base64.b64encode(answer.read()).decode()
    return {"headers": [each for each in headers if each[0] not in _OF_THE_SERVER], "body": body}


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + _START_LIMIT
    while True:
        try:
            with urlopen(f"http://127.0.0.1:{port}{COPIED[0]}", timeout=1):
                return
        except HTTPError:
            raise
        except OSError:
            assert process.poll() is None, "the bare server did not start"
            assert time.monotonic() < deadline, "the bare server did not answer"
            time.sleep(0.05)


def main(arguments: Sequence[str]) -> None:
    """Serve until it is told to stop."""
    port, file = arguments
    copied = json.loads(Path(file).read_text(encoding="utf-8"))
    answers = {
        path: (
            [(name.encode("latin-1"), value.encode("latin-1")) for name, value in each["headers"]],
            base64.b64decode(each["body"]),
        )
        for path, each in copied.items()
    }
    uvicorn.run(
        Answers(answers),
        host="127.0.0.1",
        port=int(port),
        interface="asgi3",
        http="httptools",
        ws="none",
        loop="uvloop",
        lifespan="off",
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_keep_alive=65,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
