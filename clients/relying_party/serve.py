"""Runs one application on uvicorn: one worker, quiet, stopping cleanly on SIGINT and SIGTERM."""

import signal
import sys
from types import FrameType
from typing import Any

from clients.relying_party.settings import Environment, SettingRefused, SiteSettings

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


def serve(target: str, environment: Environment) -> None:
    """Serve the factory `target` where the environment says, until a signal; exits with 1 on a refused setting."""
    try:
        site: SiteSettings = environment.site()
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
    )


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)
