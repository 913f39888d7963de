import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from idp.adapters.sql import schema
from idp.adapters.sql.schema import EXPECTED_REVISION
from idp.cli.main import app
from idp.cli.refusal import Refusal


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def migrate(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["migrate", *arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.stdout


def test_a_new_database_is_created_and_then_left_alone(folder: Path) -> None:
    assert migrate() == f"The database went from schema none to {EXPECTED_REVISION}.\n"
    assert (folder / "var" / "idp.db").exists()
    assert migrate() == f"The database has schema {EXPECTED_REVISION} already.\n"
    assert json.loads(migrate("--json")) == {"before": EXPECTED_REVISION, "after": EXPECTED_REVISION}


def test_the_secret_is_made_first_and_asked_for_beside_a_database(folder: Path) -> None:
    migrate()
    secret = folder / "var" / "secret"
    assert secret.stat().st_mode & 0o777 == 0o600
    secret.unlink()
    with pytest.raises(Refusal, match="the secret file var/secret is not there"):
        migrate()
    assert not secret.exists()


def test_a_server_is_not_migrated_without_the_secret(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDP_DATABASE_URL", "postgresql://127.0.0.1/idp")
    monkeypatch.setattr(schema, "current_revision", lambda _: None)
    with pytest.raises(Refusal, match="the secret file var/secret cannot be read"):
        migrate()
    assert not (folder / "var").exists()


def test_a_newer_schema_is_refused(folder: Path) -> None:
    migrate()
    with closing(sqlite3.connect(folder / "var" / "idp.db", isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Refusal, match="has schema 9999"):
        migrate()


def test_a_file_that_is_no_database_is_refused(folder: Path) -> None:
    (folder / "var").mkdir()
    (folder / "var" / "idp.db").write_bytes(b"something else " * 100)
    with pytest.raises(Refusal, match="is no database"):
        migrate()


def test_a_wrong_setting_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDP_DATABASE_URL", "mysql://localhost/idp")
    with pytest.raises(Refusal, match="IDP_DATABASE_URL"):
        migrate()


def test_an_old_engine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    with pytest.raises(Refusal, match="too old"):
        migrate()
