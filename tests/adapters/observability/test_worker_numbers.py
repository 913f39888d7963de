import os
from pathlib import Path

from idp.adapters.observability.metrics import Metrics
from idp.adapters.observability.numbers import Labels, Numbers
from idp.adapters.observability.worker_numbers import WorkerNumbers


def _neighbour(folder: Path, process: int, waiting: float) -> WorkerNumbers:
    metrics = Metrics()
    metrics.job_failed("outbox")
    metrics.gauge("idp_writer_queue", lambda: waiting)
    numbers = WorkerNumbers(folder, metrics)
    numbers._own = folder / f"{process}.numbers"
    return numbers


def _told(numbers: Numbers) -> tuple[dict[Labels, float], dict[str, dict[Labels, float]]]:
    return numbers.counters["idp_background_failures_total"], numbers.gauges


async def test_a_worker_reads_the_others_and_not_itself(tmp_path: Path) -> None:
    own = WorkerNumbers(tmp_path, Metrics())
    await own.write()
    assert (tmp_path / f"{os.getpid()}.numbers").exists()
    await _neighbour(tmp_path, 1, 7).write()
    (read,) = own.read_others()
    assert _told(read) == ({("outbox",): 1}, {"idp_writer_queue": {(): 7}})


async def test_what_a_dead_worker_counted_stays_and_what_it_waited_for_does_not(tmp_path: Path) -> None:
    own = WorkerNumbers(tmp_path, Metrics())
    await _neighbour(tmp_path, 2**22 + 1, 7).write()
    (read,) = own.read_others()
    assert _told(read) == ({("outbox",): 1}, {})


async def test_a_worker_that_leaves_waits_for_nothing_any_more(tmp_path: Path) -> None:
    neighbour = _neighbour(tmp_path, 1, 7)
    await neighbour.write()
    neighbour.retire()
    (read,) = WorkerNumbers(tmp_path, Metrics()).read_others()
    assert _told(read) == ({("outbox",): 1}, {})
