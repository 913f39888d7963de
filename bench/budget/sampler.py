"""`idp`, watched by a clock of its own CPU time: which part of the program is at work, and for how long.

`python bench/budget/sampler.py FILE serve …`. The first SIGUSR1 begins, the second writes what was seen to the file:
seconds of the event loop's thread by module, those of the other threads by their names.
"""

import json
import signal
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path
from types import FrameType

from idp.cli.main import main

INTERVAL = 0.002
"""Seconds of CPU of all threads between two glances; the kernel may round it up to its tick."""

_TELLING = ("idp", "uvicorn")


class Sampler:
    """What was seen since the beginning."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._running = False
        self._seconds: dict[str, float] = defaultdict(float)
        self._threads: dict[str, float] = {}
        self._last = 0.0

    def turn(self, _number: int, _frame: FrameType | None) -> None:
        """Begin, or end and write."""
        self._running = not self._running
        if self._running:
            self._seconds.clear()
            self._threads, self._last = _thread_seconds(), time.thread_time()
            signal.setitimer(signal.ITIMER_PROF, INTERVAL, INTERVAL)
        else:
            signal.setitimer(signal.ITIMER_PROF, 0)
            spent = {name: each - self._threads.get(name, 0.0) for name, each in _thread_seconds().items()}
            written = self._file.with_suffix(".part")
            written.write_text(json.dumps({"loop": self._seconds, "threads": spent}), encoding="utf-8")
            written.rename(self._file)

    def glance(self, _number: int, frame: FrameType | None) -> None:
        """Charge what this thread has spent since the last glance to the module that is at work.

        The clock runs while other threads work too: then this thread has spent next to nothing.
        """
        now = time.thread_time()
        self._seconds[module_of(frame)] += now - self._last
        self._last = now


def module_of(frame: FrameType | None) -> str:
    """Return the module of ours, or of the HTTP server's, that is at work itself or by a library that it called."""
    while frame is not None:
        name = str(frame.f_globals.get("__name__", ""))
        if name.partition(".")[0] in _TELLING:
            return name
        frame = frame.f_back
    return "uvicorn"


def _thread_seconds() -> dict[str, float]:
    """Return the CPU seconds of every other thread, by its name; threads of one pool together."""
    spent: dict[str, float] = defaultdict(float)
    for thread in threading.enumerate():
        if thread is not threading.main_thread() and thread.ident is not None:
            clock = time.pthread_getcpuclockid(thread.ident)
            spent[thread.name.partition("_")[0]] += time.clock_gettime(clock)
    return spent


if __name__ == "__main__":
    sampler = Sampler(Path(sys.argv.pop(1)))
    signal.signal(signal.SIGUSR1, sampler.turn)
    signal.signal(signal.SIGPROF, sampler.glance)
    main()
