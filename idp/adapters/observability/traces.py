"""Traces, when there is a collector to send them to; otherwise nothing, at no cost and without the library."""

from importlib import import_module
from typing import Protocol, TypeVar

from idp.adapters.observability.metrics import Metrics
from idp.adapters.sql.database import Database
from idp.ports.short_lived import ShortLivedStore
from idp.ports.traces import RequestTrace
from idp.settings import Settings, SettingsError

T = TypeVar("T")


class Traces(Protocol):
    """Begins traces of requests and puts stores and steps under observation."""

    def begin(self, parent: str | None) -> RequestTrace | None:
        """Begin the trace of a request; `parent` is the `traceparent` of a proxy that is believed, not yet read."""
        ...

    def watch(self, step: T, /) -> T:
        """Return the step, its calls noted (`idp.ports.traces.Watch`)."""
        ...

    def database(self, database: Database, system: str) -> Database:
        """Return the database, its units of work noted; `system` is the engine's name."""
        ...

    def short_lived(self, store: ShortLivedStore) -> ShortLivedStore:
        """Return the store, its operations noted."""
        ...

    async def close(self) -> None:
        """Send what was noted, for a few seconds at most."""
        ...


class NoTraces:
    """Implements `Traces` by doing nothing."""

    def begin(self, parent: str | None) -> RequestTrace | None:  # noqa: ARG002 -- as the protocol has it
        return None

    def watch(self, step: T, /) -> T:
        return step

    def database(self, database: Database, system: str) -> Database:  # noqa: ARG002 -- as the protocol has it
        return database

    def short_lived(self, store: ShortLivedStore) -> ShortLivedStore:
        return store

    async def close(self) -> None:
        return


def open_traces(settings: Settings, metrics: Metrics) -> Traces:
    """Return what the settings ask for. Raises `SettingsError` when the library is not installed."""
    if settings.trace_collector is None:
        return NoTraces()
    check_library(settings)
    from idp.adapters.observability.tracing.collector import open_provider  # noqa: PLC0415 -- only when asked for
    from idp.adapters.observability.tracing.spans import Spans  # noqa: PLC0415 -- only when asked for

    return Spans(open_provider(settings.trace_collector, settings.node, metrics))


def check_library(settings: Settings) -> None:
    """Raise `SettingsError` when traces are asked for and the library that makes them is not installed."""
    if settings.trace_collector is None:
        return
    try:
        import_module("idp.adapters.observability.tracing.collector")
    except ImportError:
        raise SettingsError("IDP_TRACES", "install the extra `traces`, or leave it empty") from None
