import multiprocessing

import pytest

from idp.adapters.sql import schema
from idp.adapters.sql.postgresql import schema as postgresql_schema
from idp.adapters.sql.schema import (
    EXPECTED_REVISION,
    Migration,
    SchemaMismatchError,
    UnsupportedEngineError,
    check,
    current_revision,
    migrate,
    prepare,
)
from idp.ports.errors import StoreUnavailableError
from tests.postgresql import fetch_value, run_sql, server


@pytest.fixture
def empty() -> str:
    return server().new_database()


def pretend(url: str, revision: str, oldest_code: str | None) -> None:
    """Let the database have another revision, and say which code may still run on it."""
    run_sql(url, "DELETE FROM schema_support", "DELETE FROM alembic_version")
    run_sql(url, "INSERT INTO alembic_version VALUES (:'v')", v=revision)
    if oldest_code:
        run_sql(url, "INSERT INTO schema_support VALUES (:'v')", v=oldest_code)


def test_only_migrate_makes_the_schema(empty: str) -> None:
    assert current_revision(empty) is None
    with pytest.raises(SchemaMismatchError, match="schema none"):
        prepare(empty)
    assert migrate(empty) == Migration(None, EXPECTED_REVISION)
    prepare(empty)
    assert migrate(empty) == Migration(EXPECTED_REVISION, EXPECTED_REVISION)


@pytest.mark.parametrize("more", ["sslmode=odd", "target_session_attrs=odd"])
def test_a_url_that_the_driver_refuses_is_a_database_that_does_not_answer(more: str) -> None:
    with pytest.raises(StoreUnavailableError):
        current_revision(f"postgresql://127.0.0.1:1/idp?{more}")


async def test_it_is_asked_for_inside_a_running_loop_too(empty: str) -> None:
    migrate(empty)
    prepare(empty)


def test_processes_that_migrate_at_once_do_it_once(empty: str) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=migrate, args=(empty,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert current_revision(empty) == EXPECTED_REVISION


@pytest.mark.parametrize("revision", ["0000", "9999"])
def test_another_schema_is_refused(url: str, revision: str) -> None:
    pretend(url, revision, None)
    for command in (prepare, migrate):
        with pytest.raises(SchemaMismatchError) as refusal:
            command(url)
        assert (refusal.value.current, refusal.value.expected) == (revision, EXPECTED_REVISION)


def test_a_newer_schema_that_still_bears_this_code_is_served_but_never_migrated(url: str) -> None:
    pretend(url, "9999", EXPECTED_REVISION)
    check(url)
    with pytest.raises(SchemaMismatchError):
        migrate(url)
    pretend(url, "9999", "9998")
    with pytest.raises(SchemaMismatchError):
        check(url)


def test_somebody_else_s_database_is_left_alone(empty: str) -> None:
    run_sql(empty, "CREATE TABLE theirs (a INTEGER)")
    with pytest.raises(SchemaMismatchError):
        migrate(empty)
    assert fetch_value(empty, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 1


def test_a_failed_migration_leaves_a_new_database(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(connection: object, revision: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("alembic.runtime.migration.HeadMaintainer.update_to_step", fail)
        with pytest.raises(ZeroDivisionError):
            migrate(empty)
    assert current_revision(empty) is None


def test_an_old_server_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql_schema, "OLDEST_SERVER", 990_000)
    with pytest.raises(UnsupportedEngineError, match="99 is needed"):
        schema.current_revision(url)


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(StoreUnavailableError):
        current_revision("postgresql://postgres@127.0.0.1:1/idp")
    with pytest.raises(StoreUnavailableError):
        current_revision(server().url("no_such_database"))


def test_texts_are_compared_byte_by_byte(url: str) -> None:
    other = "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'public' AND data_type = 'text' "
    assert fetch_value(url, other + "AND collation_name IS DISTINCT FROM 'C'") == 0
