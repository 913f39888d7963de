"""The schema of a PostgreSQL database: found, and brought to the current revision by `idp migrate` alone."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

import asyncpg

from idp.adapters.sql.postgresql.connection import OLDEST_SERVER, connect
from idp.adapters.sql.postgresql.unusable import told
from idp.adapters.sql.revisions import (
    EXPECTED_REVISION,
    FIND_SUPPORT,
    FoundSchema,
    Migration,
    UnsupportedEngineError,
    refuse_unknown,
    upgrade,
)

T = TypeVar("T")

_SECONDS: Final = 10.0
_TABLES: Final = "SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = current_schema()"
_ONE_AT_A_TIME: Final = "SELECT pg_advisory_lock(hashtextextended('idp schema', 0))"
_PATIENCE: Final = "SET lock_timeout = '5s'; SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0"
"""A revision that waits for a lock makes everybody wait behind it: it gives up soon, and is run again."""


def find(url: str) -> FoundSchema:
    """The schema of the database. Raises `UnusableDatabaseError`, `UnsupportedEngineError`."""
    return _run(_find(url))


def migrate(url: str) -> Migration:
    """Bring the database to the expected schema in one transaction; who asks at the same time waits.

    Raises `SchemaMismatchError`, `UnsupportedEngineError`, `UnusableDatabaseError`.
    """
    return _run(_migrate(url))


def _run(work: Coroutine[Any, Any, T]) -> T:
    """Return what `work` returns, on a loop of its own: the caller may be inside one, and waits all the same."""
    with ThreadPoolExecutor(1) as thread:
        try:
            return thread.submit(asyncio.run, work).result()
        except Exception as error:
            if unusable := told(error):
                raise unusable from error
            raise


async def _find(url: str) -> FoundSchema:
    connection = await connect(url, _SECONDS)
    try:
        return await _find_on(connection)
    finally:
        await connection.close(timeout=_SECONDS)


async def _find_on(connection: "asyncpg.Connection[Any]") -> FoundSchema:
    version = int(await connection.fetchval("SHOW server_version_num"))
    if version < OLDEST_SERVER:
        problem = f"PostgreSQL {version // 10_000} is too old, {OLDEST_SERVER // 10_000} is needed"
        raise UnsupportedEngineError(problem, "use a newer PostgreSQL")
    tables = {row[0] for row in await connection.fetch(_TABLES)}
    if not tables:
        _refuse_other_letters(str(await connection.fetchval("SHOW server_encoding")))
        return FoundSchema(None)
    if "alembic_version" not in tables:
        return FoundSchema("unknown")
    revision = await connection.fetchval("SELECT version_num FROM alembic_version")
    support = await connection.fetchval(FIND_SUPPORT) if "schema_support" in tables else None
    return FoundSchema(revision or "unknown", support)


def _refuse_other_letters(encoding: str) -> None:
    """Raise `UnsupportedEngineError` for a new database that cannot hold every name of people and services."""
    if encoding != "UTF8":
        raise UnsupportedEngineError(
            f"the database is encoded in {encoding}, and names need UTF8",
            "make one by CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0",
        )


async def _migrate(url: str) -> Migration:
    guard = await connect(url, _SECONDS)
    try:
        await guard.execute("SET statement_timeout = 0; SET lock_timeout = 0")
        await guard.execute(_ONE_AT_A_TIME, timeout=600)
        before = await _find_on(guard)
        if before.revision == EXPECTED_REVISION:
            return Migration(before.revision, before.revision)
        refuse_unknown(before)
        await _upgrade(url)
    finally:
        await guard.close(timeout=_SECONDS)
    return Migration(before.revision, EXPECTED_REVISION)


async def _upgrade(url: str) -> None:
    """Run the missing revisions; a failure leaves the database as it was."""
    from sqlalchemy import NullPool  # noqa: PLC0415 -- needed by who migrates alone
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415

    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url, timeout=_SECONDS), poolclass=NullPool
    )
    try:
        async with engine.connect() as connection:
            for statement in _PATIENCE.split(";"):
                await connection.exec_driver_sql(statement)
            await connection.run_sync(upgrade)
            await connection.commit()
    except DBAPIError as error:
        if error.orig is not None and error.orig.__cause__ is not None and told(error.orig.__cause__):
            raise error.orig.__cause__ from error
        raise
    finally:
        await engine.dispose()
