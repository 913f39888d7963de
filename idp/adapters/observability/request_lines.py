"""The log's line for each request: what `logs` would write of it, made without taking its pipeline's way.

Every request pays for its line, and nearly all that is in one is known before it comes. A test holds the two alike.
"""

import sys
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
    timestamp: str


class RequestLines:
    """Writes lines to `stream` (standard output when None)."""

    def __init__(self, stream: BinaryIO | None = None) -> None:
        self._out = structlog.BytesLogger(stream or sys.stdout.buffer)

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
            f"{datetime.now(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z",
        )  # fmt: skip
        self._out.msg(msgspec.json.encode(line))


@lru_cache(4096)
def _shown(text: str) -> str:
    """The same few outcomes and clients stand in nearly every line."""
    return redacted(text)
