"""A balancer as small as one can be: it asks `/readyz` now and then, and sends requests where the answer was 200."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from bench.connection import Answer, Connection, ServerClosed

CHECK_EVERY = 0.5


@dataclass
class Node:
    """One provider behind the balancer, with the connections kept open to it."""

    port: int
    ready: bool = False
    idle: list[Connection] = field(default_factory=list)
    answered: int = 0


class Balancer:
    """Passes requests on to nodes that are ready, one after the other; nothing is tried twice."""

    def __init__(self, ports: Sequence[int]) -> None:
        self.nodes = [Node(port) for port in ports]
        self._turn = 0
        self._checked = asyncio.Condition()
        self._checking: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._check_all()
        self._checking = asyncio.create_task(self._keep_checking())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._checking is not None:
            self._checking.cancel()
        for node in self.nodes:
            for connection in node.idle:
                connection.close()

    async def send(self, request: bytes) -> Answer:
        """Return what a node that was ready says; raises `ServerClosed` and OSError when it says nothing."""
        ready = [node for node in self.nodes if node.ready]
        if not ready:
            raise ServerClosed("no node is ready")
        self._turn += 1
        return await self._ask(ready[self._turn % len(ready)], request)

    async def wait_until(self, port: int, *, ready: bool) -> None:
        """Return once the node counts as ready, or no longer does."""
        node = next(node for node in self.nodes if node.port == port)
        async with self._checked:
            await self._checked.wait_for(lambda: node.ready is ready)

    async def _ask(self, node: Node, request: bytes) -> Answer:
        node.idle = [connection for connection in node.idle if not connection.closed]
        connection = node.idle.pop() if node.idle else await Connection.open("127.0.0.1", node.port)
        answer = await connection.ask(request)
        node.answered += 1
        if answer.header("connection") == "close":
            connection.close()
        else:
            node.idle.append(connection)
        return answer

    async def _keep_checking(self) -> None:
        while True:
            await asyncio.sleep(CHECK_EVERY)
            await self._check_all()

    async def _check_all(self) -> None:
        await asyncio.gather(*(self._check(node) for node in self.nodes))
        async with self._checked:
            self._checked.notify_all()

    async def _check(self, node: Node) -> None:
        try:
            connection = await Connection.open("127.0.0.1", node.port)
            answer = await connection.ask(b"GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        except (ServerClosed, OSError):
            node.ready = False
        else:
            node.ready = answer.status == 200
            connection.close()
