"""One program of the cluster: started in a session of its own, watched, signalled and ended by its process id."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

STOP_LIMIT: Final = 30.0  # seconds for a program that was asked to stop, before it is ended
START_LIMIT: Final = 120.0  # seconds until a program that was started has to be ready
GLANCE: Final = 0.05  # seconds between two looks


class ClusterError(Exception):
    """The cluster cannot go on; the message is one line that says why and what to do."""


class Program:
    """A command line and the process that runs it, if one does; what it prints is appended to `log`."""

    def __init__(
        self,
        name: str,
        command: tuple[str, ...],
        log: Path,
        environment: Mapping[str, str],
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name = name
        self.command = command
        self.log = log
        self.environment = dict(environment)
        self._stop_signal = stop_signal
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id. Raises `ClusterError` when it was not started or was ended."""
        if self._process is None:
            raise ClusterError(f"{self.name} does not run")
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Whether the process is there; a paused one is."""
        return self._process is not None and self._process.poll() is None

    def is_ready(self) -> bool:
        """Whether it does its work by now."""
        return self.runs

    def start(self, extra: Mapping[str, str] | None = None) -> None:
        """Start the process and wait until it is ready; `extra` goes over its environment, this time only."""
        self.launch(extra)
        self.await_ready()

    def launch(self, extra: Mapping[str, str] | None = None) -> None:
        """Start the process and do not wait."""
        if self.runs:
            raise ClusterError(f"{self.name} runs already")
        self.log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "ab") as log:
            self._process = subprocess.Popen(
                self.command,
                env={**self.environment, **(extra or {})},
                cwd=self.log.parent,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._mark.write_text(f"{self._process.pid} {born(self._process.pid)}", encoding="ascii")

    def end_leftover(self) -> bool:
        """Kill the process that an earlier start left behind when nobody was there to stop it; tell whether one was."""
        if self._process is not None or not self._mark.exists():
            return False
        pid, birth = self._mark.read_text(encoding="ascii").split()
        self._mark.unlink()
        # A number that was given to somebody else since has another birth.
        if born(int(pid)) != birth:
            return False
        _send(int(pid), signal.SIGKILL)
        await_condition(lambda: born(int(pid)) != birth, STOP_LIMIT, f"the end of the {self.name} before")
        return True

    def await_ready(self, limit: float = START_LIMIT) -> None:
        """Return once it is ready. Raises `ClusterError` after `limit` seconds, or when the process ends before."""
        deadline = time.monotonic() + limit
        while not self.is_ready():
            if not self.runs:
                raise ClusterError(f"{self.name} stopped{self._last_words()}: its output is in {self.log}")
            if time.monotonic() > deadline:
                raise ClusterError(f"{self.name} is not ready after {limit:.0f} s: its output is in {self.log}")
            time.sleep(GLANCE)

    def restart(self, extra: Mapping[str, str] | None = None) -> None:
        """Stop it as an operator does, start it again and wait until it is ready."""
        self.stop()
        self.start(extra)

    def pause(self) -> None:
        """Stop the process and its children in their tracks, as a machine that hangs does (SIGSTOP)."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused process go on (SIGCONT)."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """End the process and its children as a power cut does (SIGKILL), and wait until it is gone."""
        if self._process is not None:
            self._signal(signal.SIGKILL)
            self._process.wait(STOP_LIMIT)
            self._process = None
            self._mark.unlink(missing_ok=True)

    def stop(self) -> None:
        """Ask the process to stop and wait until it is gone; one that does not listen is killed."""
        self.ask_to_stop()
        self.await_end()

    def ask_to_stop(self) -> None:
        """Ask the process to stop, and do not wait."""
        if self.runs:
            self.resume()
            os.kill(self.pid, self._stop_signal)

    def await_end(self) -> None:
        """Wait until the process is gone, `STOP_LIMIT` at most; then kill what is left."""
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_LIMIT)
            self.kill()

    @property
    def _mark(self) -> Path:
        return self.log.with_name(f"{self.name}.pid")

    def _signal(self, number: signal.Signals) -> None:
        # An ended process that nobody waited for keeps its number, so this is nobody else.
        _send(self.pid, number)

    def _last_words(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").split("\n") if self.log.exists() else []
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return f" ({last[:200]})" if last else ""


def _send(pid: int, number: signal.Signals) -> None:
    for each in [*_descendants(pid), pid]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(each, number)


def born(pid: int) -> str | None:
    """Return when the process started, in the kernel's ticks; None when it is gone or has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in {"Z", "X"} else fields[19]


def _descendants(pid: int) -> Iterator[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return
    for child in map(int, children):
        yield child
        yield from _descendants(child)


def await_condition(holds: Callable[[], bool], limit: float, what: str) -> None:
    """Return once `holds` says so; raises `ClusterError` naming `what` after `limit` seconds."""
    deadline = time.monotonic() + limit
    while not holds():
        if time.monotonic() > deadline:
            raise ClusterError(f"{what}: not so after {limit:.0f} s")
        time.sleep(GLANCE)


def run(command: tuple[str, ...], environment: Mapping[str, str], limit: float = 120.0) -> str:
    """Run a command to its end and return what it printed. Raises `ClusterError` with its last line when it fails."""
    done = subprocess.run(
        command, env=dict(environment), stdin=subprocess.DEVNULL, capture_output=True, timeout=limit, check=False
    )
    if done.returncode:
        said = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines() or ["no reason given"]
        raise ClusterError(f"{Path(command[0]).name} failed: {said[-1]}")
    return done.stdout.decode()


def plain_environment() -> dict[str, str]:
    """Return what every program starts from: nothing that happens to be set outside reaches it, but for coverage."""
    kept = {name: value for name, value in os.environ.items() if name.startswith("COV")}
    return {"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1", **kept}
