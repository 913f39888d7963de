import base64
import http.client
import json
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from docker.cluster import ports
from docker.cluster.certificates import Authority, Identity
from docker.cluster.nodes import Listening, Proxy
from docker.cluster.processes import ClusterError, await_condition
from idp.web.edge.client_certificate import read_certificate
from tests.cluster.echo import EchoNode, echo_nodes

ALL = frozenset({"node-1", "node-2", "node-3"})
TOLD_FROM_OUTSIDE = {
    "Forwarded": "for=192.0.2.1",
    "X-Forwarded-For": "192.0.2.2",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "http",
    "Client-Cert": ":bm90IG1pbmU=:",
    "Client-Cert-Chain": ":bm90IG1pbmU=:",
    "X-Request-Id": "chosen-outside",
    "Traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "Tracestate": "outside=1",
}


@dataclass
class Behind:
    """The proxy, what stands behind it, and who signs for whom."""

    proxy: Proxy
    nodes: tuple[EchoNode, ...]
    authority: Authority
    clients: Authority
    folder: Path

    def ask(
        self,
        path: str = "/",
        method: str = "GET",
        headers: dict[str, str] | None = None,
        client: Identity | None = None,
    ) -> tuple[int, dict[str, str], bytes]:
        trust = ssl.create_default_context(cafile=self.authority.path)
        if client is not None:
            trust.load_cert_chain(client.certificate, client.key)
        connection = http.client.HTTPSConnection("localhost", self.proxy.port, context=trust, timeout=20)
        try:
            connection.request(method, path, body=b"a=b" if method == "POST" else None, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def arrived(self, headers: dict[str, str] | None = None, client: Identity | None = None) -> Any:
        """Return the headers that reached a node."""
        status, _, body = self.ask(headers=headers, client=client)
        assert status == 200
        return json.loads(body)

    @property
    def log(self) -> str:
        """What the proxy wrote until now."""
        return self.proxy.log.read_text(encoding="utf-8")

    def logged(self, **told: object) -> dict[str, Any]:
        """Return the last line that tells this, as soon as it is written: it may come after the answer."""
        found: list[dict[str, Any]] = []

        def is_written() -> bool:
            lines = [json.loads(line) for line in self.log.splitlines() if line.startswith("{")]
            found[:] = [line for line in lines if told.items() <= line.items()]
            return bool(found)

        await_condition(is_written, 20, f"the proxy logs {told}")
        return found[-1]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    folder = tmp_path_factory.mktemp("proxy")
    chosen = ports.find_free(3)
    authority, clients = Authority(folder, "authority"), Authority(folder, "client-authority")
    proxy = Proxy(folder, Listening(chosen, authority.issue_server(("localhost",)), clients.path))
    with echo_nodes(chosen.nodes) as nodes:
        proxy.start()
        try:
            yield Behind(proxy, nodes, authority, clients, folder)
        finally:
            proxy.stop()


@pytest.fixture
def behind(running: Behind) -> Behind:
    for node in running.nodes:
        node.ready, node.hangs_up = True, False
        node.requests.clear()
    running.proxy.await_nodes(ALL)
    return running


def test_what_only_a_proxy_may_say_is_taken_from_whoever_says_it_outside(behind: Behind) -> None:
    arrived = behind.arrived(headers=TOLD_FROM_OUTSIDE)
    assert arrived.pop("x-forwarded-for") == "127.0.0.1"
    assert {name.lower() for name in TOLD_FROM_OUTSIDE} & set(arrived) == set()


def test_a_client_certificate_arrives_as_the_bytes_that_were_shown(behind: Behind) -> None:
    client = behind.clients.issue_client("payment-gateway")
    arrived = behind.arrived(headers=TOLD_FROM_OUTSIDE, client=client)
    shown = x509.load_pem_x509_certificate(client.certificate.read_bytes()).public_bytes(Encoding.DER)
    assert arrived["client-cert"] == f":{base64.b64encode(shown).decode()}:"
    assert read_certificate(arrived["client-cert"].encode()) == shown


def test_a_certificate_that_any_authority_signed_arrives_for_the_provider_to_judge(behind: Behind) -> None:
    # A client may register a certificate of its own (RFC 8705 section 2.2); the handshake proves that it has the key.
    stranger = Authority(behind.folder / "stranger", "stranger").issue_client("payment-gateway")
    shown = x509.load_pem_x509_certificate(stranger.certificate.read_bytes()).public_bytes(Encoding.DER)
    assert behind.arrived(client=stranger)["client-cert"] == f":{base64.b64encode(shown).decode()}:"


@pytest.mark.parametrize("path", ["/metrics", "/%6detrics", "/metrics/", "/metrics?a=b"])
def test_numbers_stay_inside(behind: Behind, path: str) -> None:
    assert behind.ask(path)[0] == 404
    assert all(node.requests == [] for node in behind.nodes)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_node_that_is_not_ready_gets_nothing(behind: Behind, method: str) -> None:
    behind.nodes[0].ready = False
    behind.proxy.await_nodes(ALL - {"node-1"})
    assert [behind.ask(method=method)[0] for _ in range(6)] == [200] * 6
    assert behind.nodes[0].requests == []


def test_a_lost_answer_is_asked_for_again_where_asking_twice_does_no_harm(behind: Behind) -> None:
    behind.nodes[0].hangs_up = True
    assert [behind.ask("/jwks")[0] for _ in range(6)] == [200] * 6
    assert behind.nodes[0].requests


def test_a_form_is_never_sent_twice(behind: Behind) -> None:
    for node in behind.nodes:
        node.hangs_up = True
    assert behind.ask("/token", "POST")[0] == 502
    assert sum(len(node.requests) for node in behind.nodes) == 1


def test_without_any_node_people_are_told_when_to_come_back(behind: Behind) -> None:
    for node in behind.nodes:
        node.ready = False
    behind.proxy.await_nodes(frozenset())
    status, headers, body = behind.ask()
    assert (status, headers["retry-after"], headers["cache-control"]) == (503, "5", "no-store")
    assert 'data-error="temporarily_unavailable"' in body.decode()


def test_the_log_tells_neither_addresses_nor_queries(behind: Behind) -> None:
    behind.ask("/callback?code=a-code-of-somebody")
    assert behind.logged(path="/callback")["status"] == 200
    assert "a-code-of-somebody" not in behind.log
    assert "127.0.0.1" not in behind.log


def test_a_path_is_written_so_that_its_line_can_be_read(behind: Behind) -> None:
    behind.ask('/a"b\\c]')
    assert behind.logged(path='/a"b\\c]')["event"] == "proxied"


def test_a_long_path_does_not_cut_its_line_short(behind: Behind) -> None:
    path = "/" + "long" * 3_000
    behind.ask(path)
    assert behind.logged(path=path)["event"] == "proxied"


def test_a_handshake_that_fails_is_logged_without_the_address(behind: Behind) -> None:
    with (
        socket.create_connection(("127.0.0.1", behind.proxy.port)) as connection,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        ssl.create_default_context(cafile=behind.clients.path).wrap_socket(connection, server_hostname="localhost")
    assert behind.logged(connection="SSL handshake failure")["event"] == "refused"
    assert "127.0.0.1" not in behind.log


def test_what_is_no_request_is_logged_without_the_address(behind: Behind) -> None:
    trust = ssl.create_default_context(cafile=behind.authority.path)
    with (
        socket.create_connection(("127.0.0.1", behind.proxy.port)) as plain,
        trust.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        connection.sendall(b"GET /callback?code=a-code-of-somebody\0 HTTP/1.1\r\n\r\n")
        assert b" 400 " in connection.recv(4096)
    assert behind.logged(status=400)["event"] == "refused"
    assert "a-code-of-somebody" not in behind.log
    assert "127.0.0.1" not in behind.log


def test_whoever_measures_leaves_no_line(behind: Behind) -> None:
    with socket.create_connection(("127.0.0.1", behind.proxy.statistics)) as connection:
        connection.sendall(b"GET /metr")
    behind.ask("/after-the-measuring")
    behind.logged(path="/after-the-measuring")
    assert "statistics" not in behind.log
    assert "127.0.0.1" not in behind.log


def test_a_configuration_that_cannot_be_used_is_said_before_the_start(behind: Behind, tmp_path: Path) -> None:
    listening = Listening(ports.find_free(3), behind.authority.issue_server(("localhost",)), tmp_path / "missing.pem")
    with pytest.raises(ClusterError, match="haproxy failed"):
        Proxy(tmp_path, listening).start()
