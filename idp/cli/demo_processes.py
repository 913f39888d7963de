"""The demo's processes: ports looked at first, all started, each asked whether it is ready, all stopped together."""

import contextlib
import http.client
import os
import selectors
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from pathlib import Path
from types import FrameType
from typing import BinaryIO, Final, Self

from idp.cli.refusal import Refusal
from idp.domain.values import dataclass

START_LIMIT: Final = 60.0  # seconds until every application must be ready
STOP_LIMIT: Final = 10.0  # seconds until an application that was asked to stop is ended
GLANCE: Final = 0.1  # seconds between two looks at the processes


@dataclass(frozen=True, slots=True)
class MutualTls:
    """PEM files that open a service which lets nobody in without a certificate."""

    certificate: Path
    key: Path
    authority: Path


@dataclass(frozen=True, slots=True, eq=False)
class Service:
    """One application of the demo: the Python arguments that start it and where it says that it is ready.

    `tls` is what to show it, where it asks for a certificate.
    """

    name: str
    title: str
    port: int
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    ready_path: str
    tls: MutualTls | None = None

    @property
    def url(self) -> str:
        """The application's address."""
        return f"{'https' if self.tls else 'http'}://localhost:{self.port}"


def refuse_taken_ports(ports: Iterable[int]) -> None:
    """Raise `Refusal` for the first port that something else listens on."""
    for port in ports:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise Refusal(
                    f"port {port} is in use",
                    "stop what listens there, or choose others: idp demo --port 9000, make demo PORT=9000",
                ) from error


@dataclass(slots=True)
class StopRequest:
    """Set by Ctrl-C or a termination signal while the demo runs."""

    asked: bool = False
    _before: dict[int, Callable[[int, FrameType | None], object] | int | None] = field(default_factory=dict)

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._ask)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True


class Processes:
    """The applications that were started; leaving the context stops them all."""

    def __init__(self, logs: Path, stop: StopRequest) -> None:
        self._logs = logs
        self._stop = stop
        self._running: dict[Service, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        self._logs.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._running.values():
            process.terminate()
        deadline = time.monotonic() + STOP_LIMIT
        for process in self._running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
            # Whatever is left of its session: itself when it is deaf, workers when it died before them.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def start(self, service: Service) -> None:
        """Start the application in a session of its own, so that Ctrl-C reaches it once, through us."""
        with _private(self.log(service)) as log:
            self._running[service] = subprocess.Popen(  # noqa: S603 - our own modules, no shell
                [sys.executable, *service.arguments],
                env=dict(service.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def log(self, service: Service) -> Path:
        """Return the file that takes what the application prints."""
        return self._logs / f"{service.name}.log"

    def wait_until_ready(self) -> bool:
        """Return True once every application answers that it is ready, False when asked to stop before.

        Raises `Refusal` when one ends, or is not ready in time.
        """
        deadline = time.monotonic() + START_LIMIT
        waiting = list(self._running)
        while waiting and not self._stop.asked:
            self.refuse_if_one_ended()
            waiting = [service for service in waiting if not answers(service)]
            if waiting and time.monotonic() > deadline:
                raise Refusal(f"{waiting[0].title} is not ready after {START_LIMIT:.0f} s", self._where(waiting[0]))
            if waiting:
                time.sleep(GLANCE)
        return not self._stop.asked

    def watch(self, on_enter: Callable[[], None]) -> None:
        """Return when asked to stop; raise `Refusal` when an application ends. Enter on a terminal calls `on_enter`."""
        for line_typed in typed_lines(GLANCE):
            if self._stop.asked:
                return
            self.refuse_if_one_ended()
            if line_typed:
                on_enter()

    def refuse_if_one_ended(self) -> None:
        """Raise `Refusal` naming the first application that is no longer running."""
        for service, process in self._running.items():
            code = process.poll()
            if code is not None:
                raise Refusal(
                    f"{service.title} stopped with exit code {code}{self._last_words(service)}", self._where(service)
                )

    def _last_words(self, service: Service) -> str:
        lines = self.log(service).read_text(encoding="utf-8", errors="replace").split("\n")
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return f" ({last[:200]})" if last else ""

    def _where(self, service: Service) -> str:
        return f"its output is in {self.log(service)}"


def _private(path: Path) -> BinaryIO:
    """Open the file anew, for its owner alone, also where an earlier run left it to more."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    os.fchmod(descriptor, 0o600)
    return os.fdopen(descriptor, "wb")


def answers(service: Service) -> bool:
    """Tell whether the application answers 200 where it says that it is ready."""
    connection = _connection(service)
    try:
        connection.request("GET", service.ready_path, headers={"Host": f"localhost:{service.port}"})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _connection(service: Service) -> http.client.HTTPConnection:
    if service.tls is None:
        return http.client.HTTPConnection("127.0.0.1", service.port, timeout=2)
    context = ssl.create_default_context(cafile=service.tls.authority)
    context.load_cert_chain(service.tls.certificate, service.tls.key)
    return http.client.HTTPSConnection("localhost", service.port, timeout=2, context=context)


def typed_lines(pause: float) -> Iterator[bool]:
    """Yield for ever, each time after `pause` seconds or once a line was typed on the terminal: True for a line."""
    if sys.stdin and sys.stdin.isatty():
        with selectors.DefaultSelector() as selector:
            selector.register(sys.stdin, selectors.EVENT_READ)
            line = "\n"
            while line:
                line = "\n"
                if selector.select(pause):
                    line = sys.stdin.readline()
                    yield bool(line)
                else:
                    yield False
    while True:
        time.sleep(pause)
        yield False
