"""What can come instead of an answer, told apart by one question: can the server have run the request?"""

from typing import Final

from redis.exceptions import AskError, ClusterDownError, MovedError, ReadOnlyError, ResponseError, TryAgainError

_PASSING: Final = (ClusterDownError, TryAgainError)
"""Refusals that pass: a cluster that elects, a slot on its way. MASTERDOWN is a kind of the first."""


class NotRunError(Exception):
    """The request never reached a server that runs it."""


class LostError(Exception):
    """The request went out and no answer came: whether it was run is unknown."""


class SlowError(LostError):
    """No answer in time. Asking again would only lengthen the queue."""


def is_from_replica(failure: Exception) -> bool:
    """Whether a server refused to write since it is (now) a replica. Redis 6 wraps what a script met in a text."""
    return isinstance(failure, ReadOnlyError) or (isinstance(failure, ResponseError) and "READONLY" in str(failure))


def is_about_servers(failure: Exception) -> bool:
    """Whether the failure says that another server may be the one to ask by now."""
    return isinstance(failure, (NotRunError, LostError, MovedError, ClusterDownError)) or is_from_replica(failure)


def is_answer(failure: Exception) -> bool:
    """Whether a server that could run the request refused it: another request may well be answered."""
    elsewhere = is_about_servers(failure) or isinstance(failure, (AskError, *_PASSING))
    return isinstance(failure, ResponseError) and not elsewhere


def may_be_repeated(failure: Exception, *, repeatable: bool) -> bool:
    """Whether asking again cannot run the request twice, or may, and has a chance."""
    if isinstance(failure, LostError):
        return repeatable and not isinstance(failure, SlowError)
    return isinstance(failure, (NotRunError, *_PASSING)) or is_from_replica(failure)
