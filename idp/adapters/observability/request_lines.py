"""The log's line for each request: what `logs` would write of it, made without taking its pipeline's way.

Every request pays for its line, and nearly all that is in one is known before it comes. A test holds the two alike.
Lines of the same round of the event loop are written together: what a process that is killed had not written is its
last round's, a millisecond's, and nobody's proof (that is the audit trail's).
"""

import asyncio
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import BinaryIO

import msgspec
import structlog

from idp.adapters.observability.logs import redacted


class _Line(msgspec.Struct, omit_defaults=False):
    request_id: str
    method: str
    route: str
    status: int
    outcome: str
    ms: float
    client_id: str | None
    trace_id: str | msgspec.UnsetType
    event: str
    level: str
    timestamp: datetime


_encode = msgspec.json.Encoder().encode


def _after_this_round(write: Callable[[], None]) -> None:
    asyncio.get_running_loop().call_soon(write)


class RequestLines:
    """Writes lines to `stream` (standard output when None), when `later` says: once a round of the event loop."""

    def __init__(
        self, stream: BinaryIO | None = None, later: Callable[[Callable[[], None]], None] = _after_this_round
    ) -> None:
        self._out = structlog.BytesLogger(stream or sys.stdout.buffer)
        self._later = later
        self._waiting: list[bytes] = []

    def write(
        self,
        *,
        request_id: str,
        method: str,
        route: str,
        status: int,
        outcome: str,
        ms: float,
        client_id: str | None,
        trace_id: str | None,
    ) -> None:
        """Write one request's line; `outcome` and `client_id` are blotted out where they look like somebody's."""
        line = _Line(
            request_id, method, route, status, _shown(outcome), ms, None if client_id is None else _shown(client_id),
            msgspec.UNSET if trace_id is None else trace_id, "request", "info",
            datetime.now(UTC),
        )  # fmt: skip
        self._waiting.append(_encode(line))
        if len(self._waiting) == 1:
            self._later(self._write_out)

    def _write_out(self) -> None:
        lines, self._waiting = self._waiting, []
        self._out.msg(b"\n".join(lines))


@lru_cache(4096)
def _shown(text: str) -> str:
    """The same few outcomes and clients stand in nearly every line."""
    return redacted(text)
