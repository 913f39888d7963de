from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from idp.adapters.observability.exposition import Exposition
from idp.adapters.observability.families import FAMILIES, Counter
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
    metrics.observe_request("token", 200, 0.002, "portal", "ok")
    metrics.observe_request("token", 200, 9.0, 'a "quoted"\nclient', "ok")
    metrics.observe("idp_argon2_wait_seconds", 0.3)
    metrics.gauge("idp_argon2_queue", lambda: 4)
    metrics.job_failed("outbox")
    samples = await _samples(Exposition(metrics))
    assert samples["idp_requests_total", (("route", "token"), ("status", "200"))] == 2
    assert (
        samples[
            "idp_client_requests_total",
            (("client", 'a "quoted"\nclient'), ("outcome", "ok"), ("route", "token")),
        ]
        == 1
    )
    assert samples["idp_request_seconds_bucket", (("le", "0.001"), ("route", "token"))] == 0
    assert samples["idp_request_seconds_bucket", (("le", "0.0025"), ("route", "token"))] == 1
    assert samples["idp_request_seconds_bucket", (("le", "+Inf"), ("route", "token"))] == 2
    assert samples["idp_request_seconds_count", (("route", "token"),)] == 2
    assert samples["idp_request_seconds_sum", (("route", "token"),)] == 9.002
    assert samples["idp_argon2_wait_seconds_bucket", (("le", "0.25"),)] == 0
    assert samples["idp_argon2_wait_seconds_bucket", (("le", "0.5"),)] == 1
    assert samples["idp_background_failures_total", (("task", "outbox"),)] == 1
    assert samples["idp_argon2_queue", ()] == 4


async def test_every_family_is_told_even_before_there_is_anything_to_tell() -> None:
    text = (await Exposition(Metrics())()).decode()
    told = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE ")}
    assert told == {family.name for family in FAMILIES}
    for family in FAMILIES:
        if isinstance(family, Counter) and not family.labels:
            assert f"\n{family.name} 0.0\n" in text


async def test_any_worker_answers_for_all(tmp_path: Path) -> None:
    mine, other = Metrics(), Metrics()
    mine.observe_request("jwks", 200, 0.001, None, "ok")
    other.observe_request("jwks", 200, 0.001, None, "ok")
    neighbour = WorkerNumbers(tmp_path, other)
    neighbour._own = tmp_path / "1.numbers"
    await neighbour.write()
    samples = await _samples(Exposition(mine, WorkerNumbers(tmp_path, mine)))
    assert samples["idp_requests_total", (("route", "jwks"), ("status", "200"))] == 2
    assert samples["idp_request_seconds_count", (("route", "jwks"),)] == 2
