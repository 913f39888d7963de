"""Moments as views hold them; the filters of the templates turn them to the country's time."""

from datetime import UTC, datetime


def moment_of(seconds: int) -> datetime:
    """Return the moment so many seconds after 1970-01-01T00:00:00Z."""
    return datetime.fromtimestamp(seconds, UTC)
