"""`idp serve`: the provider alone, as configured."""

import asyncio
import os
import shutil
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from idp.cli.refusal import Refusal
from idp.settings import Settings, load_settings

if TYPE_CHECKING:
    from idp.web.edge.draining import Draining

_MOST_WORKERS = 64


def command(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.", min=0, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(help="Processes that answer.", min=1, max=_MOST_WORKERS)] = 1,
) -> None:
    """Serve the provider, as configured, until Ctrl-C."""
    from idp.adapters.observability.logs import open_log
    from idp.cli.serving import listen, serve, without_searches

    without_searches()
    settings = _checked_settings()
    listener = listen(host, port)
    bound_host, bound_port = listener.getsockname()[:2]
    open_log().info("serving", url=f"http://{bound_host}:{bound_port}", issuer=settings.issuer, workers=workers)
    numbers = Path(tempfile.mkdtemp(prefix="idp-numbers-")) if workers > 1 else None
    try:
        serve(partial(application, settings, numbers, workers), listener, workers, settings.shutdown_delay)
    finally:
        listener.close()
        if numbers is not None:
            shutil.rmtree(numbers, ignore_errors=True)


def application(settings: Settings, numbers: Path | None, workers: int, draining: "Draining") -> Any:  # noqa: ANN401 -- an ASGI application
    """Return the provider for one process; several workers share the folder `numbers` and the cores.

    Raises `Refusal` when it cannot be built; a worker says so and leaves, and its supervisor begins no other.
    """
    from uvicorn.config import STARTUP_FAILURE

    from idp.adapters.observability.logs import adopt_library_logs, open_log
    from idp.app import build_app
    from idp.cli.main import tell
    from idp.cli.opening import told_as_refusals

    adopt_library_logs(open_log())
    threads = max(1, len(os.sched_getaffinity(0)) // workers)
    try:
        with told_as_refusals():
            return build_app(settings, numbers=numbers, hashing_threads=threads, draining=draining)
    except Refusal as refusal:
        if workers == 1:
            raise
        tell(refusal)
        raise SystemExit(STARTUP_FAILURE) from None


def _checked_settings() -> Settings:
    """Return the settings once keystore and database were found to work with this release; raises `Refusal`."""
    from idp.adapters.crypto.keystore import open_keystore
    from idp.adapters.crypto.system import SystemClock
    from idp.adapters.observability.traces import check_library
    from idp.adapters.statement_issuers import FOLDER, read_statement_issuers
    from idp.cli.opening import prepare, refuse_lost_keystore, told_as_refusals
    from idp.ports.errors import StoreUnavailableError

    try:
        with told_as_refusals():
            settings = load_settings()
            check_library(settings)
            prepare(settings)
            asyncio.run(refuse_lost_keystore(settings, SystemClock()))
            open_keystore(settings, SystemClock())
            _check_files(settings)
            read_statement_issuers(FOLDER)
    except StoreUnavailableError:
        raise Refusal("the database does not answer", "check IDP_DATABASE_URL and that nothing else holds it") from None
    return settings


def _check_files(settings: Settings) -> None:
    """Raise `SettingsError` for a file that a setting names and the provider could not begin with."""
    from idp.adapters.messages.messenger import gateway_secret
    from idp.adapters.places.network_file import check_places
    from idp.adapters.registry.service_tls import service_tls
    from idp.adapters.registry.verifier_keys import verifier_keys

    check_places(settings.network_places)
    service_tls(settings)
    if not settings.messages.startswith("file:"):
        gateway_secret(settings.messages_secret)
    if settings.biometric_verifier:
        verifier_keys(settings.biometric_verifier_keys)
