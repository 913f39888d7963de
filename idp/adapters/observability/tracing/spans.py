"""Spans of requests, steps and stores (OpenTelemetry; W3C Trace Context section 3.2 for parents).

Names and attributes are words of this program: routes, classes, methods, tables, kinds of statements, error codes, and
identifiers of requests and registered clients. Nothing that a client wrote, no person, no token, no exception message.
"""

import asyncio
import re
from contextlib import suppress
from contextvars import Token
from threading import Thread
from typing import Final, TypeVar, cast

from opentelemetry.context import Context, attach, detach
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import (
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    format_trace_id,
    set_span_in_context,
)

from idp.adapters.observability.tracing.steps import WatchedStep
from idp.adapters.observability.tracing.stores import TracedDatabase, TracedShortLivedStore
from idp.adapters.sql.database import Database
from idp.ports.short_lived import ShortLivedStore

LONGEST_CLOSE: Final = 4.0
"""Seconds in which a process that stops still sends spans."""

# Section 3.2.2.1: version 00 is trace-id, parent-id and trace-flags, in lower case.
_TRACE_PARENT: Final = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")

T = TypeVar("T")


class RequestSpan:
    """Implements `RequestTrace`."""

    __slots__ = ("_span", "_token", "trace_id")

    def __init__(self, span: Span, token: Token[Context]) -> None:
        self._span = span
        self._token = token
        self.trace_id = format_trace_id(span.get_span_context().trace_id)

    def end(self, name: str, attributes: dict[str, str | int], *, failed: bool) -> None:
        detach(self._token)
        if self._span.is_recording():
            self._span.update_name(name)
            self._span.set_attributes(attributes)
            if failed:
                self._span.set_status(StatusCode.ERROR)
            self._span.end()


class Spans:
    """Implements `Traces`."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("idp")

    def begin(self, parent: str | None) -> RequestSpan:
        span = self._tracer.start_span("request", _parent_context(parent), SpanKind.SERVER)
        return RequestSpan(span, attach(set_span_in_context(span)))

    def watch(self, step: T, /) -> T:
        return cast("T", WatchedStep(step, self._tracer))

    def database(self, database: Database, system: str) -> Database:
        return TracedDatabase(database, self._tracer, system)

    def short_lived(self, store: ShortLivedStore) -> ShortLivedStore:
        return TracedShortLivedStore(store, self._tracer)

    async def close(self) -> None:
        loop, sent = asyncio.get_running_loop(), asyncio.Event()

        def send_the_rest() -> None:
            self._provider.shutdown()
            with suppress(RuntimeError):  # the loop is closed: nobody waited any more
                loop.call_soon_threadsafe(sent.set)

        # A thread that ends with the process, so that a collector which keeps the line open holds nobody up.
        Thread(target=send_the_rest, name="traces-close", daemon=True).start()
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_CLOSE):
                await sent.wait()


def _parent_context(trace_parent: str | None) -> Context:
    """Return the context of a parent; an empty one when there is none or it cannot be read (section 3.2.2.3)."""
    found = _TRACE_PARENT.fullmatch(trace_parent or "")
    if found is None:
        return Context()
    trace_id, span_id, flags = (int(part, 16) for part in found.groups())
    parent = SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(flags & TraceFlags.SAMPLED))
    return set_span_in_context(NonRecordingSpan(parent), Context()) if parent.is_valid else Context()
