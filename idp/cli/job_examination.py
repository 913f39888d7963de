"""What `idp doctor` says of background jobs: those whose work waits for longer than they leave it."""

from collections.abc import Iterator, Mapping
from typing import Final

from idp.cli.finding import Finding, warning, well
from idp.domain.ids import Seconds

LATE: Final = 300
"""Seconds for which work may wait: more than lies between two runs of these jobs when their owner changes."""


def examine_jobs(waiting: Mapping[str, Seconds], now: Seconds) -> Iterator[Finding]:
    """Yield each job whose oldest piece of work has waited for too long, or that there is none."""
    late = {job: now - since for job, since in waiting.items() if now - since > LATE}
    for job, seconds in sorted(late.items()):
        says = f"{job}: the oldest of its work waits for {seconds // 60} minutes"
        yield warning("background jobs", says, "check that idp serve runs, and its log for job.failed")
    if not late:
        yield well("background jobs", "none is late")
