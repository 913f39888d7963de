import subprocess
import sys
from typing import Any

import pytest

from docker.cluster.ports import free_port
from idp.adapters.observability.metrics import Metrics
from idp.adapters.observability.traces import NoTraces, open_traces
from idp.adapters.observability.tracing.spans import Spans
from idp.settings import Settings, SettingsError


async def test_without_a_collector_everything_is_what_it_was() -> None:
    traces = open_traces(Settings(), Metrics())
    thing: Any = object()
    store: Any = object()
    assert isinstance(traces, NoTraces)
    assert traces.begin("00-x") is None
    assert traces.watch(thing) is thing
    assert traces.database(thing, "sqlite") is thing
    assert traces.short_lived(store) is store
    await traces.close()


async def test_a_collector_turns_traces_on() -> None:
    traces = open_traces(Settings(traces=f"http://127.0.0.1:{free_port()}"), Metrics())
    assert isinstance(traces, Spans)
    await traces.close()


def test_without_the_library_the_setting_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "idp.adapters.observability.tracing.collector", None)
    with pytest.raises(SettingsError, match="IDP_TRACES"):
        open_traces(Settings(traces="http://127.0.0.1:4318"), Metrics())


def test_without_a_collector_neither_spans_nor_exporter_are_even_imported() -> None:
    # FastAPI itself imports the library's interface, which does nothing, where it is installed.
    parts = ("opentelemetry.sdk", "opentelemetry.exporter", "idp.adapters.observability.tracing")
    program = f"import idp.app, sys; sys.exit(any(name.startswith({parts}) for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=120).returncode == 0
