import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

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


def test_a_newer_schema_is_refused(folder: Path) -> None:
    migrate()
    with closing(sqlite3.connect(folder / "var" / "idp.db", isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Refusal, match="has schema 9999"):
        migrate()


def test_a_file_that_is_no_database_is_refused(folder: Path) -> None:
    (folder / "var").mkdir()
    (folder / "var" / "idp.db").write_bytes(b"something else " * 100)
    with pytest.raises(Refusal, match="does not answer"):
        migrate()


def test_a_wrong_setting_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDP_DATABASE_URL", "mysql://localhost/idp")
    with pytest.raises(Refusal, match="IDP_DATABASE_URL"):
        migrate()


def test_an_old_engine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    with pytest.raises(Refusal, match="too old"):
        migrate()
