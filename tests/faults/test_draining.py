"""A node that is told to stop says so, goes on answering, and goes: nobody behind a balancer notices."""

import asyncio
import json
import signal
import socket
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest

from bench.connection import ServerClosed
from docker.cluster.ports import free_port
from tests.faults.balancer import CHECK_EVERY, Balancer
from tests.relying_party import FORM, basic
from tests.server import MACHINE, RECORDS, ProviderProcess

pytestmark = pytest.mark.slow

DELAY = 3 * CHECK_EVERY
CLIENTS = 6


@pytest.fixture
def draining(provider_process: Callable[..., ProviderProcess]) -> ProviderProcess:
    provider = provider_process(IDP_SHUTDOWN_DELAY=str(DELAY))
    provider.command("migrate")
    return provider


def _readiness(provider: ProviderProcess) -> tuple[int, str, str | None]:
    """Status, what it says, and whether the connection goes on."""
    with closing(HTTPConnection("127.0.0.1", provider.port, timeout=5)) as connection:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        status = json.loads(answer.read())["status"]
    return answer.status, status, answer.getheader("connection")


@pytest.mark.parametrize("workers", [1, 2])
def test_a_node_that_was_told_to_stop_is_not_ready_but_answers_for_as_long_as_was_agreed(
    draining: ProviderProcess, workers: int
) -> None:
    draining.start("--workers", str(workers))
    assert draining.process is not None
    assert _readiness(draining)[:2] == (200, "ready")
    told = time.monotonic()
    draining.process.send_signal(signal.SIGTERM)
    while (answer := _readiness(draining))[0] == 200:
        assert time.monotonic() - told < DELAY
    # A service manager tells every process, and a person asks twice: neither shortens it.
    draining.process.send_signal(signal.SIGTERM)
    assert answer == (503, "draining", "close")
    asked = 0
    while True:
        try:
            assert _readiness(draining)[0] == 503
        except OSError:
            break
        asked += 1
    closed_after = time.monotonic() - told
    assert closed_after >= DELAY
    assert asked > 3
    assert draining.process.wait(20) == 0
    draining.ended()
    assert "Traceback" not in draining.log_path.read_text(encoding="utf-8")


def test_an_interrupt_is_not_made_to_wait(draining: ProviderProcess) -> None:
    draining.settings["IDP_SHUTDOWN_DELAY"] = "60"
    draining.start()
    assert draining.process is not None
    draining.process.send_signal(signal.SIGTERM)
    while _readiness(draining)[0] == 200:
        pass
    draining.process.send_signal(signal.SIGINT)
    assert draining.process.wait(20) == 0
    draining.ended()


def test_a_connection_that_was_kept_open_is_closed_behind_its_next_answer(draining: ProviderProcess) -> None:
    draining.start()
    assert draining.process is not None
    with socket.create_connection(("127.0.0.1", draining.port)) as kept:
        kept.sendall(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n")
        assert b"connection: close" not in _whole_answer(kept)
        draining.process.send_signal(signal.SIGTERM)
        while _readiness(draining)[0] == 200:
            pass
        kept.sendall(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n")
        answer = _whole_answer(kept)
        assert answer.startswith(b"HTTP/1.1 200")
        assert b"connection: close" in answer
        assert kept.recv(65536) == b""
    assert draining.stop() == 0


def _whole_answer(connection: socket.socket) -> bytes:
    """The answer of `/livez`, however many pieces it comes in."""
    answer = b""
    while not answer.endswith(b'{"status":"alive"}'):
        piece = connection.recv(65536)
        assert piece
        answer += piece
    return answer


async def test_restarting_nodes_behind_a_balancer_fails_no_request(
    provider_process: Callable[..., ProviderProcess],
) -> None:
    first = provider_process(IDP_SHUTDOWN_DELAY=str(DELAY))
    first.load(RECORDS)
    second = ProviderProcess(first.folder, {**first.settings, "IDP_ISSUER": first.url}, free_port())
    nodes = (first, second)
    for node in nodes:
        node.start()
    outcomes: Counter[str] = Counter()
    try:
        async with Balancer([node.port for node in nodes]) as balancer:
            stop = asyncio.Event()
            clients = [asyncio.create_task(_keep_asking(balancer, outcomes, stop)) for _ in range(CLIENTS)]
            for node in nodes:
                await asyncio.to_thread(node.stop)
                await asyncio.to_thread(node.start)
                await balancer.wait_until(node.port, ready=True)
            stop.set()
            await asyncio.gather(*clients)
            shares = [node.answered for node in balancer.nodes]
    finally:
        for node in nodes:
            if node.process is not None:
                node.stop()
    print(f"{outcomes} over the nodes: {shares}")
    assert set(outcomes) == {"200"}
    assert outcomes["200"] > 100
    assert all(shares)


async def _keep_asking(balancer: Balancer, outcomes: Counter[str], stop: asyncio.Event) -> None:
    """Ask for tokens until told to stop, and count how each request ended."""
    body = urlencode({"grant_type": "client_credentials", "scope": "dossier.read"}).encode()
    head = (
        f"POST /token HTTP/1.1\r\nhost: localhost\r\ncontent-type: {FORM}\r\nauthorization: {basic(MACHINE)}\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    while not stop.is_set():
        try:
            outcomes[str((await balancer.send(head.encode() + body)).status)] += 1
        except (ServerClosed, OSError) as failure:
            outcomes[type(failure).__name__] += 1
        await asyncio.sleep(0.01)
