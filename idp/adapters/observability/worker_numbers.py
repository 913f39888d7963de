"""Numbers of several workers in one folder: each writes its own file every second, any of them reads all.

The file of a worker that died stays, so that counters never go back; the folder lives as long as the supervisor.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from idp.adapters.observability.metrics import Metrics
from idp.adapters.observability.numbers import Numbers

PERIOD = 1.0
"""Seconds between two writings."""

_SUFFIX = ".numbers"


class WorkerNumbers:
    """This worker's file among the others'."""

    def __init__(self, folder: Path, metrics: Metrics) -> None:
        self._folder = folder
        self._metrics = metrics
        self._own = folder / f"{os.getpid()}{_SUFFIX}"

    async def write(self) -> None:
        """Write what was counted so far; readers see the old file or the new one, never half of it."""
        self._metrics.read_own_gauges()
        self._put(self._metrics.numbers)

    def retire(self) -> None:
        """Write for the last time: what this process waits for ends with it, what it counted stays."""
        self._metrics.numbers.gauges.clear()
        self._put(self._metrics.numbers)

    def _put(self, numbers: Numbers) -> None:
        draft = self._own.with_suffix(".draft")
        draft.write_bytes(msgspec.msgpack.encode(numbers))
        draft.replace(self._own)

    def read_others(self) -> Iterator[Numbers]:
        """Yield the numbers of every other worker, dead ones included."""
        for path in self._folder.glob(f"*{_SUFFIX}"):
            if path != self._own:
                numbers = msgspec.msgpack.decode(path.read_bytes(), type=Numbers)
                if not Path(f"/proc/{path.stem}").exists():
                    numbers.gauges.clear()
                yield numbers
