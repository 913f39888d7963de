"""A browser's line to the provider, opened anew after a pause: servers hang up on whoever is silent."""

import time

from bench.connection import Answer, Connection

IDLE = 2.0
"""Seconds of silence after which a line is not used again."""


class Line:
    """Carries one request at a time."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection: Connection | None = None
        self._used_at = 0.0

    async def ask(self, request: bytes) -> Answer:
        """Send a complete request and return its answer."""
        if self._connection is None or self._connection.closed or time.monotonic() - self._used_at > IDLE:
            self.close()
            self._connection = await Connection.open("127.0.0.1", self._port)
        try:
            return await self._connection.ask(request)
        finally:
            self._used_at = time.monotonic()

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
