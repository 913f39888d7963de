"""What `/readyz` asks, on real stores: SQLite behind breakers, as the provider has it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from idp.adapters.breaker import FAILURES, PAUSE, State
from idp.adapters.crypto.secret_file import load_secret
from idp.adapters.crypto.system import SystemClock, SystemEntropy
from idp.adapters.foundation import Foundation, open_foundation
from idp.adapters.guarded_stores import DATABASE_READ, DATABASE_WRITE, Breakers, GuardedDatabase
from idp.adapters.observability.probes import (
    ClockError,
    clock_agrees,
    keystore_is_readable,
    readiness_checks,
    schema_serves_this_release,
    state_is_writable,
    store_is_writable,
)
from idp.adapters.sql import schema
from idp.adapters.sql.revisions import SchemaMismatchError
from idp.adapters.sql.stores import open_database
from idp.ports.clock import CLOCK_TOLERANCE
from idp.ports.errors import StoreUnavailableError
from idp.settings import Settings
from tests.adapters.turned_clock import TurnedClock
from tests.postgresql import postgresql_url
from tests.valkey import ValkeyServer


def _opened(tmp_path: Path, **more: object) -> Foundation:
    settings = Settings.model_validate(
        {
            "database_url": f"sqlite:///{tmp_path}/idp.db",
            "database_timeout": 0.1,
            "keystore": f"file:{tmp_path}/keys",
            "secret_file": tmp_path / "secret",
            "audit_checkpoints": f"file:{tmp_path}/checkpoints.jsonl",
            "argon2": "m=8,t=1,p=1",
            **more,
        }
    )
    load_secret(settings.secret_file, create=True)
    schema.prepare(settings.database_url)
    return open_foundation(settings, numbers=None, hashing_threads=1, clock=TurnedClock(), entropy=SystemEntropy())


@pytest.fixture
def foundation(tmp_path: Path) -> Foundation:
    return _opened(tmp_path)


def _execute(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / "idp.db")) as connection, connection:
        connection.execute(statement)


async def test_everything_works_on_a_fresh_installation(foundation: Foundation) -> None:
    checks = readiness_checks(foundation.stores, foundation.signer, foundation.clock)
    assert list(checks) == ["database", "schema", "keystore"]
    for check in checks.values():
        await check()
    await state_is_writable(foundation.stores.short_lived, foundation.clock)
    await foundation.close()


async def test_a_database_that_somebody_else_holds_locked_takes_no_writes(
    foundation: Foundation, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "idp.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailableError):
            await store_is_writable(foundation.stores.database)
        await schema_serves_this_release(foundation.stores.database)
        other.execute("ROLLBACK")
    await store_is_writable(foundation.stores.database)
    await foundation.close()


async def test_a_schema_that_somebody_migrated_away_is_noticed(foundation: Foundation, tmp_path: Path) -> None:
    database = foundation.stores.database
    _execute(tmp_path, "UPDATE alembic_version SET version_num = '9999'")
    _execute(tmp_path, "UPDATE schema_support SET oldest_revision = '0001'")
    await schema_serves_this_release(database)
    _execute(tmp_path, "UPDATE schema_support SET oldest_revision = '9998'")
    with pytest.raises(SchemaMismatchError):
        await schema_serves_this_release(database)
    _execute(tmp_path, "DELETE FROM alembic_version")
    with pytest.raises(SchemaMismatchError):
        await schema_serves_this_release(database)
    await foundation.close()


async def test_the_probes_themselves_find_out_that_a_breaker_may_close(foundation: Foundation, tmp_path: Path) -> None:
    at = [0.0]
    breakers = Breakers(64, lambda _: None, lambda: at[0])
    database = GuardedDatabase(foundation.stores.database, breakers.of(DATABASE_READ), breakers.of(DATABASE_WRITE))
    for store in (DATABASE_READ, DATABASE_WRITE):
        for _ in range(FAILURES):
            with pytest.raises(StoreUnavailableError):
                await breakers.of(store).run(_away)
    for probe in (store_is_writable, schema_serves_this_release):
        with pytest.raises(StoreUnavailableError):
            await probe(database)
    at[0] += PAUSE
    for probe in (store_is_writable, schema_serves_this_release):
        await probe(database)
    assert breakers.states() == {(DATABASE_READ,): State.CLOSED, (DATABASE_WRITE,): State.CLOSED}
    await foundation.close()


async def _away() -> None:
    raise StoreUnavailableError


async def test_a_state_store_of_its_own_is_asked_to_take_a_write(tmp_path: Path) -> None:
    server = ValkeyServer(tmp_path / "valkey").start()
    foundation = _opened(tmp_path, state_url=server.url, state_timeout=1)
    check = readiness_checks(foundation.stores, foundation.signer, foundation.clock)["state"]
    await check()
    server.run("CONFIG", "SET", "min-replicas-to-write", "1")
    with pytest.raises(StoreUnavailableError):
        await check()
    server.run("CONFIG", "SET", "min-replicas-to-write", "0")
    await check()
    server.stop()
    with pytest.raises(StoreUnavailableError):
        await check()
    await foundation.close()


async def test_a_keystore_without_keys_is_noticed() -> None:
    class Empty:
        def algorithms(self) -> tuple[str, ...]:
            return ()

        def jwks(self) -> bytes:
            return b'{"keys":[]}'

    with pytest.raises(LookupError):
        await keystore_is_readable(Empty())  # type: ignore[arg-type] # nothing else of it is asked


async def test_a_node_whose_clock_is_off_by_more_than_seconds_is_not_ready(tmp_path: Path) -> None:
    database = open_database(postgresql_url(), SystemClock())
    await clock_agrees(database, SystemClock())
    wrong = TurnedClock()
    wrong.seconds = SystemClock().now() - CLOCK_TOLERANCE - 5
    with pytest.raises(ClockError, match="seconds apart"):
        await clock_agrees(database, wrong)
    await database.close()


async def test_only_a_database_server_has_a_clock_to_agree_with(foundation: Foundation) -> None:
    parts = (foundation.stores, foundation.signer, foundation.clock)
    assert "clock" in readiness_checks(*parts, has_server=True)
    assert "clock" not in readiness_checks(*parts)
    await foundation.close()
