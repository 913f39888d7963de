import pytest
from redis.exceptions import (
    ClusterDownError,
    MasterDownError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
    TryAgainError,
)

from idp.adapters.redis.failures import LostError, NotRunError, SlowError, is_about_servers, may_be_repeated

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


def test_what_may_have_been_run_is_repeated_only_where_that_does_no_harm() -> None:
    assert may_be_repeated(LostError("no answer"), repeatable=True)
    assert not may_be_repeated(LostError("no answer"), repeatable=False)


def test_a_slow_server_is_not_asked_again() -> None:
    assert not may_be_repeated(SlowError("no answer"), repeatable=True)
    assert is_about_servers(SlowError("no answer"))
