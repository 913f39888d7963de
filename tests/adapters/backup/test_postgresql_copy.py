import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from idp.adapters.backup.errors import BackupError
from idp.adapters.backup.postgresql_copy import PART, PostgresqlCopy
from tests.postgresql import fetch_value, postgresql_url, program, run_sql, server


@pytest.fixture(autouse=True)
def _programs_on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path(program("pg_dump")).parent), prepend=":")


@pytest.fixture
def url() -> str:
    return postgresql_url()


def test_a_dump_holds_the_rows_and_not_the_revision(url: str, tmp_path: Path) -> None:
    run_sql(url, "INSERT INTO resources VALUES ('https://api.example.vn', '[]')")
    run_sql(url, "INSERT INTO job_leases VALUES ('sweep', 'node', 1, 1)")
    PostgresqlCopy(url).save(tmp_path)
    new = PostgresqlCopy(server().new_database())
    new.refuse_unless_empty()
    with new.restoring(tmp_path) as loaded:
        assert fetch_value(loaded, "SELECT count(*) FROM resources") == 1
        assert fetch_value(loaded, "SELECT count(*) FROM job_leases") == 0
        assert fetch_value(loaded, "SELECT count(*) FROM alembic_version") == 0
        assert fetch_value(loaded, "SELECT count(*) FROM schema_support") == 0
    with pytest.raises(BackupError, match="has tables already"):
        new.refuse_unless_empty()
    assert new.version().startswith("18")


def test_a_dump_that_does_not_load_leaves_nothing(url: str, tmp_path: Path) -> None:
    run_sql(url, "INSERT INTO resources VALUES ('https://api.example.vn', '[]')")
    PostgresqlCopy(url).save(tmp_path)
    content = (tmp_path / PART).read_bytes()
    (tmp_path / PART).write_bytes(content[: len(content) * 3 // 4])
    new = PostgresqlCopy(server().new_database())
    with pytest.raises(BackupError, match="pg_restore failed"), new.restoring(tmp_path):
        pass
    new.refuse_unless_empty()


def test_the_password_is_seen_by_the_tool_and_by_nobody_else(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_password = url.replace("postgres@", "postgres:p%40s%3As@")
    tools = tmp_path / "tools"
    tools.mkdir()
    spy = (
        f"#!{sys.executable}\nimport os, sys\n"
        "if sys.argv[1] == '--version': print('pg_dump (PostgreSQL) 18.0')\n"
        "else:\n"
        "    path = sys.argv[-1].partition('passfile=')[2].replace('%2F', '/')\n"
        f"    seen = [sys.argv, open(path).read(), os.stat(path).st_mode & 0o777, os.environ['PGSSLMODE']]\n"
        f"    open({str(tmp_path / 'seen')!r}, 'w').write(repr(seen))\n"
    )
    (tools / "pg_dump").write_text(spy)
    (tools / "pg_dump").chmod(0o755)
    monkeypatch.setenv("PATH", str(tools))
    monkeypatch.setenv("PGSSLMODE", "prefer")
    PostgresqlCopy(with_password).save(tmp_path)
    arguments, line, mode, ssl_mode = eval((tmp_path / "seen").read_text())  # noqa: S307 -- what the spy above wrote
    assert (line, mode, ssl_mode) == ("*:*:*:*:p@s\\:s\n", 0o600, "prefer")
    assert not [argument for argument in arguments if "p@s" in argument or "p%40s" in argument]
    assert arguments[-1].startswith(f"--dbname={url}")
    assert not list(Path(tempfile.gettempdir()).glob("idp-*" + arguments[-1][-8:]))


def test_a_tool_that_says_no_version_is_no_tool(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pg_dump").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "pg_dump").chmod(0o755)
    assert subprocess.run([tmp_path / "pg_dump"], check=False).returncode == 1
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupError, match="is older than the server"):
        PostgresqlCopy(url).save(tmp_path)
