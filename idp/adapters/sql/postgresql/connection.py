"""Connections to PostgreSQL, and which of their errors mean that the store cannot be used."""

from collections.abc import Mapping
from typing import Any, Final

import asyncpg

from idp.ports.errors import StoreContendedError, StoreUnavailableError

OLDEST_SERVER: Final = 140_000
"""PostgreSQL 14, as `server_version_num` writes it."""

_UNAVAILABLE: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InsufficientResourcesError,
    asyncpg.PostgresSystemError,
    asyncpg.InternalServerError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.QueryCanceledError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.TargetServerAttributeNotMatched,
    asyncpg.InternalClientError,
    asyncpg.ClientConfigurationError,
)
"""The server or the way to it failed, not the statement."""

_CONTENDED: Final = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
"""Other transactions were in the way: asking again later helps."""

_BROKEN: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)

_REFUSED_PARAMETERS: Final = (
    asyncpg.UndefinedObjectError,
    asyncpg.InvalidParameterValueError,
    asyncpg.CantChangeRuntimeParamError,
)
"""What a server says of settings in a URL that it does not know."""


def is_unavailable(error: BaseException) -> bool:
    """Whether the store as a whole failed, not the statement."""
    return _is_interface_lost(error) or isinstance(error, (*_UNAVAILABLE, *_CONTENDED, OSError, TimeoutError))


def unavailable(error: BaseException) -> StoreUnavailableError:
    """The port's word for an error that `is_unavailable`."""
    return StoreContendedError() if isinstance(error, _CONTENDED) else StoreUnavailableError()


def is_broken(error: BaseException) -> bool:
    """Whether the connection cannot be used any more: closed, or its server is no primary now."""
    return _is_interface_lost(error) or isinstance(error, _BROKEN)


def _is_interface_lost(error: BaseException) -> bool:
    """Whether asyncpg says that a connection or its pool is closing; its word for a wrong value is a ValueError too."""
    return isinstance(error, asyncpg.InterfaceError) and not isinstance(error, ValueError)


async def connect(url: str, timeout: float) -> "asyncpg.Connection[Any]":  # noqa: ASYNC109 -- asyncpg's own parameter
    """Return one connection outside any pool. Raises what `is_unavailable` knows."""
    try:
        opened: asyncpg.Connection[Any] = await asyncpg.connect(
            url, timeout=timeout, command_timeout=timeout, **connection_settings(timeout)
        )
    except (KeyError, *_REFUSED_PARAMETERS) as error:
        # KeyError: the URL names no user, and the one of this process has no name.
        raise asyncpg.ClientConfigurationError("the URL cannot be used") from error
    return opened


def connection_settings(timeout: float, more: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What every connection is opened with; `timeout` in seconds. `more` are settings of the server besides.

    The server gives up a little after the client did, so that nothing goes on for nobody.
    """
    milliseconds = str(int(timeout * 1000) + 1000)
    return {
        "server_settings": {
            "application_name": "idp",
            "statement_timeout": milliseconds,
            "lock_timeout": milliseconds,
            "idle_in_transaction_session_timeout": milliseconds,
            "jit": "off",
            # Statements are look-ups by what they name: their plans do not depend on the values, and planning one anew
            # over all partitions would cost more than running it.
            "plan_cache_mode": "force_generic_plan",
            **(more or {}),
        },
        "statement_cache_size": 512,
        "max_cached_statement_lifetime": 0,
    }
