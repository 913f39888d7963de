import pytest

from idp.setting_forms import TraceCollector, parse_traces
from idp.settings import Settings


@pytest.mark.parametrize(("value", "endpoint", "ratio"), [
    ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces", 0.05),
    ("https://collector.example.vn/", "https://collector.example.vn/v1/traces", 0.05),
    ("https://collector.example.vn/otlp/v1/traces", "https://collector.example.vn/otlp/v1/traces", 0.05),
    ("http://[::1]:4318?ratio=1", "http://[::1]:4318/v1/traces", 1.0),
    ("http://otel:4318/v1/traces?ratio=0.001", "http://otel:4318/v1/traces", 0.001),
    ("http://otel:4318?ratio=0", "http://otel:4318/v1/traces", 0.0),
])  # fmt: skip
def test_traces_go_to_a_collector_with_a_share_of_the_requests(value: str, endpoint: str, ratio: float) -> None:
    assert Settings(traces=value).trace_collector == TraceCollector(endpoint, ratio)


def test_without_an_address_there_are_no_traces() -> None:
    assert Settings().trace_collector is None


@pytest.mark.parametrize("value", [
    "otel:4318", "grpc://otel:4317", "http://", "http://otel:4318?ratio=2", "http://otel:4318?ratio=", "http://a b",
    "http://otel:4318?sample=1", "http://otel:4318?ratio=0.1&x=1", "http://otel:4318#x", "http://user:word@otel:4318",
])  # fmt: skip
def test_traces_of_another_form_are_refused_without_repeating_the_value(value: str) -> None:
    with pytest.raises(ValueError, match="OTLP collector") as refused:
        parse_traces(value)
    assert value not in str(refused.value)
