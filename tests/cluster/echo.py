"""Stand-ins for nodes: they answer with the headers that reached them, or as a test tells them to."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass
class EchoNode:
    """One stand-in; `ready` is what it says at `/readyz`, `hangs_up` ends connections instead of answering."""

    port: int
    ready: bool = True
    hangs_up: bool = False
    requests: list[tuple[str, str]] = field(default_factory=list)

    def serve(self) -> ThreadingHTTPServer:
        server = _Server(("127.0.0.1", self.port), _Echo)
        server.node = self
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return server


@contextmanager
def echo_nodes(ports: tuple[int, ...]) -> Iterator[tuple[EchoNode, ...]]:
    """Yield running stand-ins, one a port."""
    nodes = tuple(EchoNode(port) for port in ports)
    with ExitStack() as running:
        for node in nodes:
            server = running.enter_context(node.serve())
            running.callback(server.shutdown)
        yield nodes


class _Server(ThreadingHTTPServer):
    node: EchoNode
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: the proxy's checks hang up as soon as they know enough."""


class _Echo(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        node = self.server.node
        if self.path == "/readyz":
            self._answer(200 if node.ready else 503, {})
            return
        self.rfile.read(int(self.headers.get("content-length", "0")))
        node.requests.append((self.command, self.path))
        if node.hangs_up:
            self.close_connection = True
            return
        self._answer(200, {name.lower(): value for name, value in self.headers.items()})

    do_POST = do_GET  # noqa: N815 - the name that http.server looks for

    def _answer(self, status: int, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that http.server gives it
        """Say nothing."""
