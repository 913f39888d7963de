from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from idp.adapters.observability.exposition import Exposition
from idp.adapters.observability.metrics import Metrics
from idp.adapters.observability.worker_numbers import WorkerNumbers


async def _samples(exposition: Exposition) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    families = text_string_to_metric_families((await exposition()).decode())
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


async def test_the_text_is_what_prometheus_reads() -> None:
    metrics = Metrics()
    metrics.observe_request("token", 200, 0.002)
    metrics.observe_request("token", 200, 9.0)
    metrics.gauge("idp_argon2_queue", lambda: 4)
    metrics.job_failed("outbox")
    samples = await _samples(Exposition(metrics))
    assert samples["idp_requests_total", (("route", "token"), ("status", "200"))] == 2
    assert samples["idp_request_seconds_bucket", (("le", "0.001"), ("route", "token"))] == 0
    assert samples["idp_request_seconds_bucket", (("le", "0.0025"), ("route", "token"))] == 1
    assert samples["idp_request_seconds_bucket", (("le", "+Inf"), ("route", "token"))] == 2
    assert samples["idp_request_seconds_count", (("route", "token"),)] == 2
    assert samples["idp_request_seconds_sum", (("route", "token"),)] == 9.002
    assert samples["idp_background_failures_total", (("job", "outbox"),)] == 1
    assert samples["idp_argon2_queue", ()] == 4


async def test_any_worker_answers_for_all(tmp_path: Path) -> None:
    mine, other = Metrics(), Metrics()
    mine.observe_request("jwks", 200, 0.001)
    other.observe_request("jwks", 200, 0.001)
    neighbour = WorkerNumbers(tmp_path, other)
    neighbour._own = tmp_path / "1.numbers"
    await neighbour.write()
    samples = await _samples(Exposition(mine, WorkerNumbers(tmp_path, mine)))
    assert samples["idp_requests_total", (("route", "jwks"), ("status", "200"))] == 2
