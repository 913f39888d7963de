import asyncio
import json
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from idp.adapters.sql.schema import EXPECTED_REVISION
from idp.cli.refusal import Refusal
from tests.cli.backup_places import ENGINES, Place, empty_place, live_place
from tests.postgresql import program, run_sql


@pytest.fixture(params=ENGINES)
async def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    return await live_place(request.param, tmp_path / "first", monkeypatch)


@pytest.fixture
async def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    return await live_place("sqlite", tmp_path / "first", monkeypatch)


def refused(result: Result) -> str:
    assert isinstance(result.exception, Refusal), result.exception
    return str(result.exception)


def manifest(backup: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((backup / "manifest.json").read_text())["manifest"]
    return document


def test_a_backup_is_a_folder_of_its_owner_alone_without_the_secret(place: Place, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    result = place.idp("backup", backup)
    assert result.exit_code == 0, result.exception
    assert f"Not in it: {place.folder / 'secret'}." in result.stdout
    files = {path.relative_to(backup).as_posix(): path for path in backup.rglob("*") if path.is_file()}
    told = manifest(backup)
    assert set(files) == {"manifest.json", *(part["name"] for part in told["parts"])}
    assert {"keys/keystore.json", "keys/long-lived-blind-index.json"} < set(files)
    assert {stat.S_IMODE(path.stat().st_mode) for path in files.values()} == {0o600}
    assert stat.S_IMODE(backup.stat().st_mode) == stat.S_IMODE((backup / "keys").stat().st_mode) == 0o700
    secret = (place.folder / "secret").read_bytes().strip()
    assert not [name for name, path in files.items() if secret in path.read_bytes()]
    assert told["engine"] == place.url.partition(":")[0]
    assert (told["revision"], told["keystore"], told["issuer"]) == (EXPECTED_REVISION, "file", "http://localhost:8000")
    assert not list(tmp_path.glob(".*"))


def test_a_backup_is_recorded_and_told_to_programs(place: Place, tmp_path: Path) -> None:
    document = json.loads(place.idp("backup", tmp_path / "backup", "--json").stdout)
    assert (document["schema"], document["parts"]) == (EXPECTED_REVISION, len(manifest(tmp_path / "backup")["parts"]))
    exported = place.idp("audit", "export").stdout.splitlines()
    last = json.loads(exported[-1])["record"]
    assert (last["name"], last["event"]["digest"]) == ("backup.made", document["digest"])
    assert place.idp("audit", "verify").exit_code == 0


def test_nothing_that_is_there_is_overwritten(small: Place, tmp_path: Path) -> None:
    (tmp_path / "backup").mkdir()
    (tmp_path / "backup" / "old").write_text("kept")
    assert "is there already" in refused(small.idp("backup", tmp_path / "backup"))
    assert (tmp_path / "backup" / "old").read_text() == "kept"


def test_sessions_and_codes_are_not_in_a_backup(place: Place, tmp_path: Path) -> None:
    async def sign_in() -> None:
        async with place.running() as provider:
            assert (await provider.browser().signed_in()).answer["code"]

    asyncio.run(sign_in())
    assert place.idp("backup", tmp_path / "backup").exit_code == 0
    if place.url.startswith("sqlite"):
        original, copy = place.folder / "idp.db", tmp_path / "backup" / "database.sqlite"
        assert _count(original, "short_lived") > 0
        assert _count(copy, "short_lived") == 0
        assert _count(copy, "accounts") == _count(original, "accounts") > 0
        # A member of every stored session; the records that people see of them name a hash that opens nothing.
        assert b"idle_expires_at" not in copy.read_bytes()
        return
    dump = str(tmp_path / "backup" / "database.dump")
    told = subprocess.run([program("pg_restore"), "--file=-", dump], capture_output=True, text=True, check=True).stdout
    assert "COPY public.accounts " in told
    assert not [table for table in ("short_lived", "job_leases", "alembic_version") if f"COPY public.{table} " in told]
    assert b"idle_expires_at".hex() not in told


def _count(database: Path, table: str) -> int:
    with closing(sqlite3.connect(database)) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 -- a test's own name


def test_without_a_database_or_its_keys_there_is_nothing_to_back_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = empty_place("sqlite", tmp_path / "empty", monkeypatch)
    assert "secret file" in refused(place.idp("backup", tmp_path / "backup"))
    assert place.idp("client", "list").exit_code == 0
    for key in (place.folder / "keys").glob("*.json"):
        key.unlink()
    assert "holds no keys" in refused(place.idp("backup", tmp_path / "backup"))
    (place.folder / "idp.db").unlink()
    assert "there is no database yet" in refused(place.idp("backup", tmp_path / "backup"))
    assert not list((place.folder / "keys").glob("*.json"))
    assert not (place.folder / "idp.db").exists()
    assert not (tmp_path / "backup").exists()


def test_a_backup_is_made_before_a_migration_too(small: Place, tmp_path: Path) -> None:
    with closing(sqlite3.connect(small.folder / "idp.db", isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    assert "run idp migrate" in refused(small.idp("client", "list"))
    assert small.idp("backup", tmp_path / "backup").exit_code == 0
    assert manifest(tmp_path / "backup")["revision"] == "0001"
    with closing(sqlite3.connect(small.folder / "idp.db", isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "schema 9999" in refused(small.idp("backup", tmp_path / "another"))


def test_postgresql_s_own_tools_are_needed_and_no_older_than_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = asyncio.run(live_place("postgresql", tmp_path / "first", monkeypatch))
    tools = tmp_path / "tools"
    tools.mkdir()
    monkeypatch.setenv("PATH", str(tools))
    assert "pg_dump is not installed: put the client programs of PostgreSQL 18" in refused(
        place.idp("backup", tmp_path / "backup")
    )
    (tools / "pg_dump").write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 15.4'\n")
    (tools / "pg_dump").chmod(0o755)
    assert "is older than the server, PostgreSQL 18" in refused(place.idp("backup", tmp_path / "backup"))
    (tools / "pg_dump").write_text(
        "#!/bin/sh\n[ \"$1\" = --version ] && echo 'pg_dump (PostgreSQL) 18.0' && exit\n"
        "echo 'pg_dump: error: query failed: no room' >&2; echo 'pg_dump: detail: row of hoa@example.vn' >&2; exit 1\n"
    )
    message = refused(place.idp("backup", tmp_path / "backup"))
    assert "pg_dump failed (query failed: no room)" in message
    assert "hoa" not in message
    assert not list(tmp_path.glob("*backup*"))
    assert not list(tmp_path.glob(".backup*"))


WRITERS = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
number = 0
while True:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO resources VALUES (?, '[]')", (f"https://{number}.example.vn/a",))
    connection.execute("INSERT INTO resources VALUES (?, '[]')", (f"https://{number}.example.vn/b",))
    connection.execute("COMMIT")
    number += 1
    if number == 1: print("writing", flush=True)
"""


def test_a_backup_under_a_stream_of_writes_is_of_one_moment_and_holds_nobody_up(small: Place, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITERS, str(small.folder / "idp.db")], stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"writing\n"
        counts = []
        for number in range(3):
            assert small.idp("backup", tmp_path / f"backup-{number}").exit_code == 0
            with closing(sqlite3.connect(tmp_path / f"backup-{number}" / "database.sqlite")) as copy:
                first, second = (
                    copy.execute("SELECT count(*) FROM resources WHERE audience LIKE ?", (f"%/{end}",)).fetchone()[0]
                    for end in "ab"
                )
                assert first == second
                assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            counts.append(first)
        writer.kill()
    assert sorted(set(counts)) == counts


def test_a_dump_under_a_stream_of_writes_is_of_one_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = asyncio.run(live_place("postgresql", tmp_path / "first", monkeypatch))
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            rows = (f"('https://{number}.example.vn/{end}', '[]')" for end in "ab")
            run_sql(place.url, f"INSERT INTO resources VALUES {', '.join(rows)}")  # noqa: S608 -- a test's own rows
            number += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        assert place.idp("backup", tmp_path / "backup").exit_code == 0
    finally:
        stop.set()
        thread.join()
    target = empty_place("postgresql", tmp_path / "second", monkeypatch)
    target.bring_secret_of(place)
    assert target.idp("restore", tmp_path / "backup").exit_code == 0
    counted = "SELECT count(*) FROM resources WHERE audience LIKE '%/{}'"
    run_sql(target.url, f"DO $$ BEGIN ASSERT ({counted.format('a')}) = ({counted.format('b')}); END $$")


def test_a_backup_that_was_killed_leaves_nothing_that_looks_like_one(small: Place, tmp_path: Path) -> None:
    code = (
        "import os, signal\n"
        "from idp.adapters.backup import sqlite_copy\n"
        "from idp.cli.main import main\n"
        "sqlite_copy._make_portable = lambda connection: os.kill(os.getpid(), signal.SIGKILL)\n"
        "main()\n"
    )
    small.idp("client", "list")
    process = subprocess.run([sys.executable, "-c", code, "backup", str(tmp_path / "backup")], check=False)
    assert process.returncode == -signal.SIGKILL
    assert not (tmp_path / "backup").exists()
    assert [path.name for path in tmp_path.glob(".*")] == [".backup.part"]
    assert small.idp("backup", tmp_path / "backup").exit_code == 0
    assert not list(tmp_path.glob(".*"))
    assert small.idp("audit", "verify").exit_code == 0
