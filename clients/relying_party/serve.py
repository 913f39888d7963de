"""Runs one application on granian: one worker, quiet, stopping cleanly on SIGINT and SIGTERM."""

import sys
from typing import Any

from clients.relying_party.settings import Environment, SettingRefused, SiteSettings

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stdout"}},
    "loggers": {
        "clients": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "_granian": {"handlers": ["console"], "level": "WARNING", "propagate": False},
    },
}


def serve(target: str, environment: Environment) -> None:
    """Serve the factory `target` where the environment says, until a signal; exits with 1 on a refused setting."""
    try:
        site: SiteSettings = environment.site()
    except SettingRefused as refused:
        sys.exit(f"{target}: {refused}")
    from granian import Granian  # noqa: PLC0415 - after the settings, so that a refusal is instant
    from granian.constants import Interfaces  # noqa: PLC0415
    from granian.log import LogLevels  # noqa: PLC0415

    Granian(
        target,
        address=site.host,
        port=site.port,
        interface=Interfaces.ASGI,
        workers=1,
        factory=True,
        websockets=False,
        log_level=LogLevels.warning,
        log_dictconfig=LOGGING,
        workers_kill_timeout=5,
    ).serve()
