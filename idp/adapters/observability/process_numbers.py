"""What the kernel knows about this process: processor time, memory, open files (Linux)."""

import os
import resource
from importlib.metadata import version
from pathlib import Path
from typing import Final

from idp.adapters.observability.families import CPU_SECONDS
from idp.adapters.observability.metrics import Metrics

_PAGE: Final = resource.getpagesize()
_RESIDENT: Final = 1
"""The second field of `/proc/self/statm` (proc(5)), in pages."""


def watch_process(metrics: Metrics, node: str) -> None:
    """Register the numbers of this process, and which node and release it belongs to."""
    release = version("national-identity-provider")
    metrics.gauge("idp_build_info", lambda: {(node, release): 1})
    metrics.gauge("idp_workers", lambda: 1)
    metrics.grown(CPU_SECONDS.name, _processor_seconds)
    metrics.gauge("process_resident_memory_bytes", _resident_bytes)
    metrics.gauge("process_open_fds", _open_files)


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _resident_bytes() -> float:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[_RESIDENT]) * _PAGE


def _open_files() -> float:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 -- names are counted, not looked at
