"""Runs one application on uvicorn: one worker, quiet, stopping cleanly on SIGINT and SIGTERM."""

import signal
import ssl
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from clients.relying_party.settings import Environment, SettingRefused, SiteSettings, TlsFiles

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stdout"}},
    "loggers": {
        "clients": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "uvicorn": {"handlers": ["console"], "level": "WARNING", "propagate": False},
    },
}


def serve(target: str, environment: Environment, tls: Callable[[Environment], TlsFiles] | None = None) -> None:
    """Serve the factory `target` where the environment says, until a signal; exits with 1 on a refused setting.

    With `tls` only whoever shows a certificate of its authorities is let in.
    """
    try:
        site: SiteSettings = environment.site()
        secured = _mutual_tls(tls(environment)) if tls else {}
    except SettingRefused as refused:
        sys.exit(f"{target}: {refused}")
    import uvicorn  # noqa: PLC0415 - after the settings, so that a refusal is instant

    # uvicorn raises the signal that stopped it once more: leaving in peace is no failure.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    uvicorn.run(
        target,
        factory=True,
        host=site.host,
        port=site.port,
        http="httptools",
        loop="uvloop",
        ws="none",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        log_config=LOGGING,
        timeout_graceful_shutdown=5,
        **secured,
    )


def _mutual_tls(files: TlsFiles) -> dict[str, Any]:
    return {
        "ssl_certfile": files.certificate,
        "ssl_keyfile": files.key,
        "ssl_ca_certs": str(files.authorities),
        "ssl_cert_reqs": ssl.CERT_REQUIRED,
    }


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)
