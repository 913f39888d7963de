"""Runs an ASGI application on uvicorn: one process, or several under a supervisor.

Why uvicorn, and what it was measured against: docs/decisions/0007-http-server.md.
"""

import asyncio
import ctypes
import gc
import os
import resource
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from types import FrameType
from typing import Any, Final

import uvicorn
from starlette.types import Message, Receive, Scope, Send
from uvicorn.supervisors import Multiprocess

from idp.cli.refusal import Refusal
from idp.web.edge.draining import Draining
from idp.web.edge.http1 import BoundedConnection

Application = Any
"""An ASGI application, as uvicorn takes it."""

BACKLOG: Final = 2048
MOST_CONNECTIONS: Final = 16_384
STOP_LIMIT: Final = 25
"""Seconds for requests in progress once the server was told to stop; container platforms kill after 30."""

KEEP_ALIVE: Final = 65
"""Seconds; longer than the 60 for which proxies keep an idle connection, so that they are the ones to close it."""

_OBJECTS_BETWEEN_SEARCHES: Final = 10_000
_FILES_BESIDES: Final = 256
_DIE_WITH_PARENT: Final = 1  # PR_SET_PDEATHSIG of prctl(2)


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket on a port up to 65535; 0 means any free one. Raises `Refusal` when it cannot be had."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except socket.gaierror:
        raise Refusal(f"{host} is no address of this machine", "give another --host") from None
    except OSError as error:
        raise Refusal(f"port {port} on {host}: {error.strerror}", "stop what is there or give another --port") from None


def serve(build: Callable[[Draining], Application], listener: socket.socket, workers: int, delay: float = 0.0) -> None:
    """Serve what `build` returns until SIGINT or SIGTERM; requests in progress finish first.

    SIGTERM begins the `Draining` that `build` was given; new requests are answered for `delay` seconds more, so that a
    balancer notices before the listener closes. With several workers `build` runs in each of them and must be
    picklable. Raises `Refusal` when the application does not start.
    """
    signal.signal(signal.SIGINT, _leave)
    signal.signal(signal.SIGTERM, _leave)
    connections = _allow_connections()
    factory = partial(_build_draining, build, delay)
    if workers > 1:
        factory = partial(_build_in_worker, factory, os.getpid())
    config = uvicorn.Config(
        factory,
        factory=True,
        interface="asgi3",
        http=BoundedConnection,
        ws="none",
        loop="uvloop",
        lifespan="on",
        workers=workers,
        backlog=BACKLOG,
        limit_concurrency=connections,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=STOP_LIMIT,
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        log_level="warning",
    )
    if not (_serve_alone(config, listener) if workers == 1 else _serve_together(config, listener, delay)):
        raise Refusal("the provider did not start", "the lines above say why")


def _serve_alone(config: uvicorn.Config, listener: socket.socket) -> bool:
    server = uvicorn.Server(config)
    try:
        server.run(sockets=[listener])
    except SystemExit as leaving:
        # Either it could not start, or uvicorn raised the signal that stopped it once more, for `_leave`.
        return leaving.code != uvicorn.config.STARTUP_FAILURE
    return server.started


def _serve_together(config: uvicorn.Config, listener: socket.socket, delay: float) -> bool:
    supervisor = Multiprocess(config, sockets=[listener])
    if delay:
        signal.signal(signal.SIGTERM, partial(_pass_on, supervisor))
    gc.enable()
    supervisor.run()
    return all(process.exitcode != uvicorn.config.STARTUP_FAILURE for process in supervisor.processes)


def _pass_on(supervisor: Multiprocess, number: int, _frame: FrameType | None) -> None:
    """Have the workers drain at once; the supervisor looks at its signals twice a second and then waits for them."""
    supervisor.signal_queue.append(number)
    for process in supervisor.processes:
        if process.pid is not None and process.exitcode is None:
            os.kill(process.pid, number)


def _build_draining(build: Callable[[Draining], Application], delay: float) -> Application:
    """Build the application, inside the server's loop, and put the draining in front of what SIGTERM does there."""
    draining, loop, stop = Draining(), asyncio.get_running_loop(), signal.getsignal(signal.SIGTERM)

    def drain(number: int, frame: FrameType | None) -> None:
        # Supervisors and service managers both tell every process: the second time is no reason to hurry.
        if draining.begun or not callable(stop):
            return
        draining.begin()
        if delay:
            loop.call_soon_threadsafe(loop.call_later, delay, stop, number, None)
        else:
            stop(number, frame)

    application = build(draining)
    signal.signal(signal.SIGTERM, drain)
    return partial(_settled, application)


def _settled(application: Application, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
    """Settle once the application has started: what its frameworks make, they make then."""

    async def told(message: Message) -> None:
        if message["type"] == "lifespan.startup.complete":
            _settle()
        await send(message)

    answered: Awaitable[None] = application(scope, receive, told if scope["type"] == "lifespan" else send)
    return answered


def without_searches() -> None:
    """Let nothing look for garbage while a process starts: what it makes stays, and looking was a tenth of the time."""
    gc.disable()


def _settle() -> None:
    """Leave what was made at start out of all further searches for garbage, and search seldom from now on.

    Half a million objects stay as long as the process; looking through them was a tenth of what a sign-in by passkey
    cost.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_SEARCHES, *gc.get_threshold()[1:])
    gc.enable()


def _build_in_worker(build: Callable[[], Application], supervisor: int) -> Application:
    """Build the application in a worker that ends when its supervisor does, even by `kill -9`."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGTERM)
    if os.getppid() != supervisor:
        raise SystemExit(uvicorn.config.STARTUP_FAILURE)
    without_searches()
    return build()


def _allow_connections() -> int:
    """Raise the limit of open files as far as allowed; return how many connections fit below it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + _FILES_BESIDES
    if soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return max(1, min(MOST_CONNECTIONS, soft - _FILES_BESIDES))


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)
