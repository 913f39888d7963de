"""Logs: one JSON object a line on standard output, with nothing in it that is secret or personal.

Three nets, one behind the other: callers log fixed event names and identifiers; a failure is logged as its type and the
places in the code, never its message, which may quote a value; and what slips through under a telling name, or looks
like a bearer value, is blotted out.
"""

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any, BinaryIO

import msgspec
import structlog
from structlog.typing import FilteringBoundLogger, WrappedLogger

REDACTED = "[redacted]"
_DEEPEST = 12

_SECRET_NAMES = re.compile(
    r"password|passwd|secret|token|authorization|cookie|code|verifier|assertion|credential|csrf|nonce|hint"
    r"|personal_number|username|name|email|phone|birth|address|claims|query|body|subject|sub\b",
    re.IGNORECASE,
)
# Names whose values are made by this program: nothing of a request can be in them.
_OWN_NAMES = frozenset(
    {"event", "level", "timestamp", "request_id", "method", "route", "logger_name", "error_code", "job_name"}
)
# A compact JWS, a personal number, an e-mail address, or 40 and more characters in a row that are no path.
# An address begins where a word does: tried from each letter of a long word, it would take the square of its length.
_SECRET_VALUES = re.compile(
    r"(?<![^\s@])[^\s@]++@[^\s@]+\.[^\s@]+|eyJ[\w-]{8,}(?:\.[\w-]*)*|\b\d{12}\b|[A-Za-z0-9_-]{40,}"
)

Fields = MutableMapping[str, Any]


def redact(_logger: WrappedLogger, _method: str, fields: Fields) -> Fields:
    """Blot out what must not be written; the processor that stands last before the line is made."""
    for name, value in fields.items():
        if name in _OWN_NAMES or isinstance(value, int | float | None):
            continue
        if not isinstance(value, str) or _tells_a_secret(name):
            fields[name] = REDACTED
        else:
            fields[name] = redacted(value)
    return fields


def redacted(text: str) -> str:
    """Return `text` with whatever looks like a bearer value or like a person blotted out."""
    return _SECRET_VALUES.sub(REDACTED, text)


# Names stand in the code, so they are few.
@lru_cache(512)
def _tells_a_secret(name: str) -> bool:
    return _SECRET_NAMES.search(name) is not None


def _as_line(_logger: WrappedLogger, _method: str, fields: Fields) -> bytes:
    return msgspec.json.encode(fields, enc_hook=lambda value: type(value).__name__)


def places(failure: BaseException) -> str:
    """Return the type of a failure and where it came from, innermost last, without any value."""
    frames = traceback.extract_tb(failure.__traceback__)[-_DEEPEST:]
    where = " > ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames)
    cause = failure.__cause__ or (None if failure.__suppress_context__ else failure.__context__)
    behind = f"; caused by {places(cause)}" if cause is not None else ""
    return f"{type(failure).__module__}.{type(failure).__qualname__} at {where or 'nowhere'}{behind}"


def open_log(stream: BinaryIO | None = None, level: int = logging.INFO) -> FilteringBoundLogger:
    """Return a logger that writes to `stream` (standard output when None). Nothing global is configured."""
    log: FilteringBoundLogger = structlog.wrap_logger(
        structlog.BytesLogger(stream or sys.stdout.buffer),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            redact,
            _as_line,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
    ).bind()
    return log


class ForeignLogs(logging.Handler):
    """Takes what libraries log through the standard library and writes it as our lines."""

    def __init__(self, log: FilteringBoundLogger) -> None:
        super().__init__(logging.INFO)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record; a library's exception is named, not quoted."""
        fields = {"logger_name": record.name, "message": record.getMessage()}
        if record.exc_info and record.exc_info[1] is not None:
            fields["failure"] = places(record.exc_info[1])
        self._log.log(record.levelno, "library", **fields)


def adopt_library_logs(log: FilteringBoundLogger) -> None:
    """Send the standard library's logging, warnings included, to `log`; called once, when a process starts serving."""
    root = logging.getLogger()
    root.handlers[:] = [ForeignLogs(log)]
    root.setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
