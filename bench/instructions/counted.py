"""What instructions are counted in: a provider of one's own, and the yardstick."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.installation import Installation, load_records, served, settings, within
from bench.instructions import callgrind
from bench.instructions.callgrind import Counter
from bench.instructions.slow_motion import slow_day
from bench.instructions.yardstick import PIECES
from bench.machine import cores, on_core
from docker.cluster.ports import free_port

CHEAP_HASH = "m=8,t=1,p=1"
_HERE = Path(__file__).parent


@contextmanager
def counted_provider() -> Iterator[tuple[Installation, Counter]]:
    """Serve new records from a SQLite file under callgrind; everything is gone afterwards.

    Meanwhile this process has the provider's time of day.
    """
    core, _ = cores()
    with tempfile.TemporaryDirectory(prefix="idp-bench-") as name:
        folder, ports, since = Path(name), (free_port(),), time.time()
        environment = settings(ports) | within(folder) | {"PYTHONHASHSEED": "0", "IDP_ARGON2": CHEAP_HASH}
        load_records(folder, environment)
        command = callgrind.command(folder, _HERE / "slow_motion.py", str(since))
        with (
            # Children started meanwhile have as many threads as one core is worth.
            on_core(core),
            served(core, environment, ports, folder, command=command) as installation,
            _ended(installation, folder),
            slow_day(since),
        ):
            yield installation, Counter(folder, installation.pids[0])


@contextmanager
def _ended(installation: Installation, folder: Path) -> Iterator[None]:
    """Print what the provider said when something went wrong, and end it: it would take its time, for nothing."""
    try:
        yield
    except BaseException:
        print((folder / f"log-{installation.ports[0]}").read_text(encoding="utf-8"), file=sys.stderr)
        raise
    finally:
        os.kill(installation.pids[0], signal.SIGKILL)


def count_yardstick() -> dict[str, int]:
    """Return the instructions of a round of each piece of the yardstick."""
    with tempfile.TemporaryDirectory(prefix="idp-bench-") as name:
        command = callgrind.command(Path(name), _HERE / "yardstick.py")
        environment = {**os.environ, "PYTHONHASHSEED": "0"}
        with subprocess.Popen(command, env=environment, stdin=-1, stdout=-1, text=True, bufsize=1) as process:
            counter = Counter(Path(name), process.pid)
            return {piece: _count_piece(process, counter, piece) for piece in PIECES}


def _count_piece(process: "subprocess.Popen[str]", counter: Counter, piece: str) -> int:
    _go_round(process, piece)
    with counter.counting():
        _go_round(process, piece)
        counter.take()
        _go_round(process, piece)
        return callgrind.total(counter.take())


def _go_round(process: "subprocess.Popen[str]", piece: str) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    print(piece, file=process.stdin)
    assert process.stdout.readline() == "done\n", "the yardstick broke"
