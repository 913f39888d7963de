import pytest
from redis.exceptions import (
    AskError,
    ClusterDownError,
    MasterDownError,
    MovedError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
    TryAgainError,
)

from idp.adapters.redis.failures import LostError, NotRunError, SlowError, is_about_servers, is_answer, may_be_repeated

REFUSED_FOR_NOW = [
    NotRunError("not sent"),
    ReadOnlyError("a replica"),
    ResponseError("Error running script: @user_script:1: -READONLY You can't write against a read only replica."),
    ClusterDownError("The cluster is down"),
    MasterDownError("Link with MASTER is down"),
    TryAgainError("Multiple keys request during rehashing of slot"),
]
REFUSED = [
    ResponseError("NOREPLICAS Not enough good replicas to write."),
    OutOfMemoryError("command not allowed when used memory > 'maxmemory'."),
    ResponseError("MISCONF Errors writing to the AOF file"),
    ResponseError("Error running script: @user_script:4: attempt to compare number with nil"),
    NoPermissionError("this user has no permissions"),
]


@pytest.mark.parametrize("failure", REFUSED_FOR_NOW, ids=repr)
def test_what_was_not_run_may_be_repeated_whatever_it_is(failure: Exception) -> None:
    assert may_be_repeated(failure, repeatable=False)
    assert may_be_repeated(failure, repeatable=True)
    assert is_about_servers(failure) != isinstance(failure, TryAgainError)


@pytest.mark.parametrize("failure", REFUSED, ids=repr)
def test_what_would_be_refused_again_is_not_repeated(failure: Exception) -> None:
    assert not may_be_repeated(failure, repeatable=True)
    assert not is_about_servers(failure)
    assert is_answer(failure)


@pytest.mark.parametrize(
    "failure",
    [*REFUSED_FOR_NOW, LostError("no answer"), SlowError("no answer"), MovedError("1 ::1:1"), AskError("1 ::1:1")],
    ids=repr,
)
def test_that_another_server_has_to_be_asked_is_no_answer(failure: Exception) -> None:
    assert not is_answer(failure)


def test_what_may_have_been_run_is_repeated_only_where_that_does_no_harm() -> None:
    assert may_be_repeated(LostError("no answer"), repeatable=True)
    assert not may_be_repeated(LostError("no answer"), repeatable=False)


def test_a_slow_server_is_not_asked_again() -> None:
    assert not may_be_repeated(SlowError("no answer"), repeatable=True)
    assert is_about_servers(SlowError("no answer"))
