from idp.adapters.observability.metrics import Metrics
from idp.adapters.observability.process_numbers import watch_process


def test_a_process_tells_its_node_its_release_and_what_it_uses() -> None:
    metrics = Metrics()
    watch_process(metrics, "node-1")
    metrics.read_own_gauges()
    (labels,) = metrics.numbers.gauges["idp_build_info"]
    assert labels[0] == "node-1"
    assert metrics.numbers.gauges["idp_workers"] == {(): 1}
    assert 1 << 20 < metrics.numbers.gauges["process_resident_memory_bytes"][()] < 1 << 33
    assert metrics.numbers.gauges["process_open_fds"][()] > 2
    assert metrics.numbers.counters["process_cpu_seconds_total"][()] > 0
