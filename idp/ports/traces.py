"""Traces: which steps of a request took how long. What is traced knows nothing of it."""

from typing import Protocol, TypeVar

T = TypeVar("T")


class RequestTrace(Protocol):
    """The trace of one request while it is answered."""

    @property
    def trace_id(self) -> str:
        """32 hexadecimal digits: what finds the trace, and the lines of the log that belong to it."""
        ...

    def end(self, name: str, attributes: dict[str, str | int], *, failed: bool) -> None:
        """The request was answered. Neither name nor attributes hold anything that the client wrote."""
        ...


class Watch(Protocol):
    """Puts a step of the protocol or of a journey under observation."""

    def __call__(self, step: T, /) -> T:
        """Return what behaves as `step` does; its calls are noted in the trace of the request that makes them."""
        ...


def unwatched(step: T, /) -> T:
    """Return the step itself: nothing is noted."""
    return step
