"""The machine, its cores, and what a process has used of them."""

import os
import platform
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
_ALL_THREADS = 2
"""The clock that the scheduler keeps of a whole process: CPUCLOCK_SCHED."""


def describe() -> str:
    """Return the machine in words: processor, cores, memory, kernel, Python."""
    processor = "unknown processor"
    for line in _lines("/proc/cpuinfo"):
        if line.startswith("model name"):
            processor = line.partition(":")[2].strip()
            break
    kilobytes = next((int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    return (
        f"{processor}, {os.cpu_count()} cores, {kilobytes / 1024 / 1024:.0f} GiB, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    )


def cores() -> tuple[int, int]:
    """Return the core for the server and the core for the load; the same one twice on a machine that has no other."""
    usable = sorted(os.sched_getaffinity(0))
    return usable[0], usable[-1]


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Stay on this core, and start there what is started; afterwards go back to where this process was."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU seconds spent so far, and memory now in MiB."""

    cpu: float
    memory: float


def usage_of(pid: int) -> Usage:
    """Return what a process and its descendants use; raises OSError when it is gone."""
    cpu = memory = 0.0
    for each in family(pid):
        try:
            cpu += time.clock_gettime(_cpu_clock(each))
        except OSError:
            if each == pid:
                raise
            continue  # PostgreSQL's own workers come and go
        for line in _lines(f"/proc/{each}/smaps_rollup"):
            if line.startswith("Pss:"):
                memory += int(line.split()[1]) / 1024
    return Usage(cpu, memory)


def _cpu_clock(pid: int) -> int:
    """Return the clock of what a process has spent (`clock_getcpuclockid` in C): nanoseconds, not ticks."""
    return ~pid << 3 | _ALL_THREADS


def family(pid: int) -> list[int]:
    """Return a process and its descendants."""
    found = [pid]
    for each in found:
        for task in Path(f"/proc/{each}/task").glob("*"):
            found += [int(child) for line in _lines(f"{task}/children") for child in line.split()]
    return found


def allow_files() -> None:
    """Let this process have as many files, and so connections, open as it may."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def own_cpu() -> float:
    """Return the CPU seconds that this process spent."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def core_cpu(core: int) -> float:
    """Return the seconds that a core has been busy, whoever it worked for."""
    fields = next(line.split()[1:] for line in _lines("/proc/stat") if line.startswith(f"cpu{core} "))
    user, nice, system, _idle, _waiting, *interrupts = map(int, fields[:7])
    return (user + nice + system + sum(interrupts)) / TICKS


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []
