from pathlib import Path

import pytest

from idp.adapters.crypto.system import SystemClock
from idp.adapters.sql import schema
from idp.cli import store_examination
from idp.cli.finding import Finding, Level
from idp.cli.store_examination import examine_database, examine_state
from idp.settings import Settings
from tests.ports.engines import sqlite_url
from tests.postgresql import postgresql_url, run_sql, server


def database(url: str) -> Finding:
    return next(examine_database(Settings(database_url=url)))


def test_a_server_with_this_release_s_schema_is_well() -> None:
    found = database(postgresql_url())
    assert (found.level, found.remedy) == (Level.OK, "")
    assert schema.EXPECTED_REVISION in found.says


def test_a_server_without_tables_is_for_migrate_alone() -> None:
    found = database(server().new_database())
    assert (found.level, found.remedy) == (Level.FAIL, "run idp migrate")


def test_a_server_that_is_not_there_is_told_without_its_password() -> None:
    found = database("postgresql://user:hidden@127.0.0.1:1/idp")
    assert found.level is Level.FAIL
    assert "hidden" not in found.says + found.remedy


def test_a_server_that_is_too_old_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("idp.adapters.sql.postgresql.schema.OLDEST_SERVER", 990_000)
    assert database(postgresql_url()).remedy == "use a newer PostgreSQL"


def test_a_newer_schema_that_still_serves_is_a_reminder_and_another_one_a_failure() -> None:
    url = postgresql_url()
    run_sql(url, "UPDATE alembic_version SET version_num = '9999'")
    assert database(url).level is Level.WARN
    run_sql(url, "UPDATE schema_support SET oldest_revision = '9999'")
    assert database(url).level is Level.FAIL


def test_a_file_that_cannot_be_made_is_no_promise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path}/there/idp.db"
    assert (database(url).level, database(url).remedy) == (Level.WARN, store_examination.FIRST_START)
    monkeypatch.setattr("os.access", lambda *_: False)
    assert (database(url).level, database(url).says) == (Level.FAIL, f"{tmp_path}/there/idp.db cannot be made")


def test_a_file_of_somebody_else_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = sqlite_url(tmp_path)
    monkeypatch.setattr("os.access", lambda *_: False)
    assert (database(url).level, database(url).says) == (Level.FAIL, f"{tmp_path}/idp.db cannot be written to")


def test_a_file_brings_the_room_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(database_url=sqlite_url(tmp_path))
    (tmp_path / "idp.db").chmod(0o600)
    assert [finding.check for finding in examine_database(settings)] == ["database", "disk"]
    monkeypatch.setattr(store_examination, "NO_SPACE", 1 << 62)
    assert [finding.level for finding in examine_database(settings)] == [Level.OK, Level.FAIL]


async def test_short_lived_state_in_the_database_is_nothing_to_look_at() -> None:
    assert [finding async for finding in examine_state(Settings(), SystemClock())] == []


async def test_a_store_of_short_lived_state_that_does_not_answer_is_told() -> None:
    settings = Settings(state_url="redis://:hidden@127.0.0.1:1", state_timeout=0.2)
    (found,) = [finding async for finding in examine_state(settings, SystemClock())]
    assert found.level is Level.FAIL
    assert "hidden" not in found.says + found.remedy
