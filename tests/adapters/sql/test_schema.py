import multiprocessing
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from idp.adapters.sql import revisions
from idp.adapters.sql.schema import (
    EXPECTED_REVISION,
    Migration,
    SchemaMismatchError,
    UnsupportedEngineError,
    current_revision,
    migrate,
    prepare,
)
from idp.adapters.sql.tables.operation import job_leases
from idp.adapters.sql.url import sqlite_path
from idp.ports.errors import StoreUnavailableError


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'new folder' / 'idp.db'}"


def described(path: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> 'alembic_version' ORDER BY name"
        )
        # A column that was added later stands on the line of the one before it.
        return [(name, " ".join(sql.split())) for name, sql in rows]


def test_the_migrations_make_exactly_the_tables_that_the_code_knows(url: str, tmp_path: Path) -> None:
    migrate(url)
    engine = create_engine(f"sqlite:///{tmp_path / 'direct.db'}")
    job_leases.metadata.create_all(engine)
    engine.dispose()
    assert described(sqlite_path(url)) == described(tmp_path / "direct.db")


def test_the_expected_revision_is_the_newest() -> None:
    config = Config()
    config.set_main_option("script_location", str(revisions.MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [EXPECTED_REVISION]
    assert EXPECTED_REVISION in revisions.known_revisions()


def test_a_new_database_is_created_for_its_owner_alone(url: str) -> None:
    assert current_revision(url) is None
    prepare(url)
    assert current_revision(url) == EXPECTED_REVISION
    assert stat.S_IMODE(sqlite_path(url).stat().st_mode) == 0o600
    prepare(url)


def test_migrating_again_changes_nothing(url: str) -> None:
    assert migrate(url) == Migration(None, EXPECTED_REVISION)
    before = sqlite_path(url).read_bytes()
    assert migrate(url) == Migration(EXPECTED_REVISION, EXPECTED_REVISION)
    assert sqlite_path(url).read_bytes() == before


def test_processes_that_start_at_once_create_it_once(url: str) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=prepare, args=(url,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert current_revision(url) == EXPECTED_REVISION


@pytest.mark.parametrize("revision", ["0000", "9999", None])
def test_another_schema_is_refused(url: str, revision: str | None) -> None:
    prepare(url)
    pretend(url, revision, oldest_code="9999")
    for refused in (prepare, migrate):
        with pytest.raises(SchemaMismatchError) as refusal:
            refused(url)
        assert (refusal.value.current, refusal.value.expected) == (revision or "unknown", EXPECTED_REVISION)


def pretend(url: str, revision: str | None, oldest_code: str) -> None:
    with closing(sqlite3.connect(sqlite_path(url), isolation_level=None)) as connection:
        connection.execute("DELETE FROM alembic_version")
        if revision:
            connection.execute("INSERT INTO alembic_version VALUES (?)", (revision,))
        connection.execute("UPDATE schema_support SET oldest_revision = ?", (oldest_code,))


def test_a_newer_schema_is_served_where_it_says_that_older_code_may_run(url: str) -> None:
    prepare(url)
    pretend(url, "9999", oldest_code=EXPECTED_REVISION)
    prepare(url)
    with pytest.raises(SchemaMismatchError):
        migrate(url)
    pretend(url, "0000", oldest_code="0000")
    with pytest.raises(SchemaMismatchError):
        prepare(url)


def test_code_of_the_release_before_may_run_on_this_schema(url: str) -> None:
    prepare(url)
    with closing(sqlite3.connect(sqlite_path(url))) as connection:
        ((oldest,),) = connection.execute(revisions.FIND_SUPPORT)
    assert oldest in revisions.known_revisions()
    assert oldest < EXPECTED_REVISION


def schema_of(path: Path, revision: str) -> None:
    path.parent.mkdir()
    config = Config()
    config.set_main_option("script_location", str(revisions.MIGRATIONS))
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def test_an_account_of_the_schema_before_comes_along(url: str) -> None:
    schema_of(sqlite_path(url), "0001")
    person = ("person-1", b"", b"", 0)
    account = ("account-1", "person-1", "citizen", "active", 0, 0, 1_700_000_000)
    with closing(sqlite3.connect(sqlite_path(url), isolation_level=None)) as connection:
        connection.execute(
            "INSERT INTO persons (person_id, record_key, record, created_at) VALUES (?, ?, ?, ?)", person
        )
        insert = (
            "INSERT INTO accounts (account_id, person_id, kind, status, sessions_valid_from, always_ask, created_at)"
        )
        connection.execute(f"{insert} VALUES (?, ?, ?, ?, ?, ?, ?)", account)
    assert migrate(url) == Migration("0001", EXPECTED_REVISION)
    with closing(sqlite3.connect(sqlite_path(url), isolation_level=None)) as connection:
        # What code of the release before writes on the new schema.
        connection.execute(f"{insert} VALUES (?, ?, ?, ?, ?, ?, ?)", ("account-2", "person-1", "officer", *account[3:]))
        rows = connection.execute("SELECT account_id, idle_from, idle_notices FROM accounts ORDER BY 1").fetchall()
    assert rows == [("account-1", None, 0), ("account-2", None, 0)]


def test_guardianships_of_the_release_before_are_due_at_once(url: str) -> None:
    schema_of(sqlite_path(url), "0019")
    insert = (
        "INSERT INTO guardianships (guardianship_id, kind, guardian, details, asked_at, reviewed_age)"
        " VALUES (?, 'minor', 'person-1', x'00', 0, 0)"
    )
    with closing(sqlite3.connect(sqlite_path(url), isolation_level=None)) as connection:
        connection.execute(insert, ("before",))
    assert migrate(url) == Migration("0019", EXPECTED_REVISION)
    with closing(sqlite3.connect(sqlite_path(url), isolation_level=None)) as connection:
        connection.execute(insert, ("beside",))
        rows = connection.execute("SELECT guardianship_id, due_at FROM guardianships ORDER BY 1").fetchall()
    assert rows == [("before", 0), ("beside", 0)]


def test_decisions_of_the_release_before_come_along_and_say_of_no_claim_that_it_left(url: str) -> None:
    schema_of(sqlite_path(url), "0022")
    insert = (
        "INSERT INTO consent_evidence (evidence_id, account_id, client_id, at, decision, scopes, claims)"
        " VALUES (?, 'account-1', 'portal', 0, 'given', '[]', '[]')"
    )
    with closing(sqlite3.connect(sqlite_path(url), isolation_level=None)) as connection:
        connection.execute(insert, ("before",))
    assert migrate(url) == Migration("0022", EXPECTED_REVISION)
    with closing(sqlite3.connect(sqlite_path(url), isolation_level=None)) as connection:
        connection.execute(insert, ("beside",))
        rows = connection.execute("SELECT evidence_id, told FROM consent_evidence ORDER BY 1").fetchall()
    assert rows == [("before", None), ("beside", None)]


def test_somebody_else_s_database_is_left_alone(url: str) -> None:
    path = sqlite_path(url)
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (a)")
    with pytest.raises(SchemaMismatchError):
        prepare(url)
    assert [name for name, _ in described(path)] == ["theirs"]


def test_a_file_that_is_no_database_is_unavailable(url: str) -> None:
    path = sqlite_path(url)
    path.parent.mkdir()
    path.write_bytes(b"nothing of the kind " * 100)
    with pytest.raises(StoreUnavailableError):
        prepare(url)
    assert path.read_bytes() == b"nothing of the kind " * 100


def test_a_failed_migration_leaves_a_new_database(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(connection: object, revision: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("alembic.runtime.migration.HeadMaintainer.update_to_step", fail)
        with pytest.raises(ZeroDivisionError):
            prepare(url)
    assert current_revision(url) is None
    prepare(url)
    assert current_revision(url) == EXPECTED_REVISION


def test_an_old_sqlite_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    with pytest.raises(UnsupportedEngineError, match=r"3\.37\.0 is needed"):
        prepare(url)


def test_another_engine_s_url_is_refused() -> None:
    for url in ("postgresql://localhost/idp", "sqlite://", "sqlite:///"):
        with pytest.raises(ValueError, match="not the URL"):
            sqlite_path(url)


def test_nothing_is_imported_for_a_schema_that_is_there(url: str) -> None:
    prepare(url)
    code = f"import sys; from idp.adapters.sql.schema import prepare; prepare({url!r}); print('alembic' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"


def test_whoever_was_locked_before_locks_had_grounds_is_locked_by_an_operator(url: str) -> None:
    path = sqlite_path(url)
    path.parent.mkdir(parents=True)
    upgrade_to(url, "0006")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("INSERT INTO persons VALUES ('p', x'00', x'00', NULL, NULL, 1)")
        for account_id, kind, status in (("a", "citizen", "locked"), ("b", "officer", "active")):
            connection.execute(
                "INSERT INTO accounts"
                " (account_id, person_id, kind, status, sessions_valid_from, always_ask, created_at)"
                " VALUES (?, 'p', ?, ?, 50, 0, 1)",
                (account_id, kind, status),
            )
    upgrade_to(url, "head")
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT holder, ground, since, ended FROM account_locks").fetchall()
    assert rows == [("a", "operator", 49, None)]


def upgrade_to(url: str, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(revisions.MIGRATIONS))
    engine = create_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()
