import asyncio

import pytest

from idp.adapters.observability.families import CLIENT_REQUESTS, REQUEST_BUCKETS, REQUEST_SECONDS, REQUESTS
from idp.adapters.observability.metrics import Metrics


def test_requests_are_counted_by_route_status_client_and_outcome_and_put_into_buckets() -> None:
    metrics = Metrics()
    for seconds in (0.0005, 0.001, 0.3, 99.0):
        metrics.observe_request("token", 200, seconds, "portal", "ok")
    metrics.observe_request("token", 400, 0.0005, None, "invalid_client")
    numbers = metrics.numbers
    assert numbers.counters[REQUESTS.name] == {("token", "200"): 4, ("token", "400"): 1}
    assert numbers.counters[CLIENT_REQUESTS.name] == {
        ("token", "portal", "ok"): 4,
        ("token", "_none", "invalid_client"): 1,
    }
    durations = numbers.distributions[REQUEST_SECONDS.name]["token",]
    assert durations.counts[0] == 3
    assert durations.counts[REQUEST_BUCKETS.index(0.5)] == 1
    assert durations.counts[-1] == 1
    assert durations.seconds == pytest.approx(99.302)


def test_clients_are_told_apart_at_protocol_endpoints_and_not_on_every_page() -> None:
    metrics = Metrics()
    metrics.observe_request("/sign-in/{attempt_id}", 200, 0.1, "portal", "ok")
    assert metrics.numbers.counters[REQUESTS.name] == {("/sign-in/{attempt_id}", "200"): 1}
    assert metrics.numbers.counters[CLIENT_REQUESTS.name] == {}


def test_a_counter_can_be_shown_before_there_is_anything_to_count() -> None:
    metrics = Metrics()
    metrics.count("idp_store_errors_total", "state", "claim", by=0)
    assert metrics.numbers.counters["idp_store_errors_total"] == {("state", "claim"): 0}
    metrics.count("idp_store_errors_total", "state", "claim")
    assert metrics.numbers.counters["idp_store_errors_total"] == {("state", "claim"): 1}


def test_a_number_without_labels_is_there_from_the_start() -> None:
    assert Metrics().numbers.counters["idp_argon2_refused_total"] == {(): 0}


async def test_gauges_are_read_when_asked_for_and_left_out_when_they_fail() -> None:
    metrics = Metrics()

    async def pending() -> float:
        return 3

    async def broken() -> float:
        raise OSError

    def unreadable() -> float:
        raise OSError

    metrics.gauge("idp_argon2_queue", lambda: 2)
    metrics.gauge("idp_build_info", lambda: {("node-1", "0.1.0"): 1})
    metrics.gauge("idp_argon2_threads", unreadable)
    metrics.grown("process_cpu_seconds_total", unreadable)
    metrics.shared_gauge("idp_outbox_pending", pending)
    metrics.shared_gauge("idp_audit_pending", broken)
    metrics.job_failed("outbox")
    sample = await metrics.sample()
    assert sample.gauges == {
        "idp_argon2_queue": {(): 2},
        "idp_build_info": {("node-1", "0.1.0"): 1},
        "idp_outbox_pending": {(): 3},
    }
    assert sample.counters["idp_background_failures_total"] == {("outbox",): 1}


def test_a_gauge_that_nobody_declared_is_refused() -> None:
    with pytest.raises(KeyError):
        Metrics().gauge("idp_something", lambda: 1)


async def test_a_gauge_whose_store_hangs_does_not_hold_the_others_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("idp.adapters.observability.metrics.LONGEST_READ", 0.01)
    metrics = Metrics()

    async def pending() -> float:
        return 3

    async def hanging() -> float:
        await asyncio.Event().wait()
        raise AssertionError

    metrics.shared_gauge("idp_audit_pending", hanging)
    metrics.shared_gauge("idp_outbox_pending", pending)
    assert (await metrics.sample()).gauges == {"idp_outbox_pending": {(): 3}}
