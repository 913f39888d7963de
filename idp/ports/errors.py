"""Failures that any port may meet."""


class StoreUnavailableError(Exception):
    """A store cannot be reached or did not accept a write: nothing of the unit of work was recorded.

    The web answers 503 with `Retry-After: retry_after` (seconds).
    """

    def __init__(self, retry_after: int = 1) -> None:
        super().__init__("the store is unavailable")
        self.retry_after = retry_after


class StoreAnsweredError(StoreUnavailableError):
    """The store is there and answered, though not with what it was asked for: it refused this one request."""


class StoreContendedError(StoreAnsweredError):
    """Other work was in the way of this unit (a deadlock, a lock held too long)."""
