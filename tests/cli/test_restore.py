import asyncio
import json
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pkcs11
import pytest
from msgspec import structs
from typer.testing import Result

from idp.adapters.backup.manifest import CHECKPOINTS, read_manifest, write_manifest
from idp.adapters.crypto.secret_file import load_secret
from idp.adapters.sql.schema import EXPECTED_REVISION, SchemaMismatchError, current_revision, prepare
from idp.cli import restore_work
from idp.cli.refusal import Refusal
from tests import softhsm2
from tests.cli.backup_places import ENGINES, Place, empty_place, live_place
from tests.cli.first_release import make_older
from tests.flows.provider import SECRET

PERSON = "001099000001"


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def first(engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    return await live_place(engine, tmp_path / "first", monkeypatch)


@pytest.fixture
def second(engine: str, first: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    place = empty_place(engine, tmp_path / "second", monkeypatch)
    place.bring_secret_of(first)
    return place


@pytest.fixture
async def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    return await live_place("sqlite", tmp_path / "first", monkeypatch)


@pytest.fixture
def elsewhere(small: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    place = empty_place("sqlite", tmp_path / "second", monkeypatch)
    place.bring_secret_of(small)
    return place


def done(result: Result) -> Result:
    assert result.exit_code == 0, result.exception
    return result


def refused(result: Result) -> str:
    assert isinstance(result.exception, Refusal), result.exception
    return str(result.exception)


async def refresh(place: Place, token: str) -> int:
    async with place.running() as provider, provider.client() as http:
        fields = {"grant_type": "refresh_token", "refresh_token": token}
        return (await http.post("/token", data=fields, auth=("portal", SECRET))).status_code


async def offline_token(place: Place) -> str:
    async with place.running() as provider:
        tokens = await provider.browser().tokens(scope="openid offline_access", prompt="consent")
        return str(tokens["refresh_token"])


def nothing_is_left_of(place: Place) -> bool:
    return not list(place.folder.glob(".*")) and {path.name for path in place.folder.iterdir()} <= {"secret", "mail"}


def test_people_sign_in_after_a_restore_and_nobody_is_somebody_else(
    first: Place, second: Place, tmp_path: Path
) -> None:
    async def subject(place: Place) -> tuple[str, str]:
        async with place.running() as provider:
            browser = provider.browser()
            tokens = await browser.tokens(scope="openid profile")
            claims = (await browser.userinfo(tokens["access_token"])).json()
            return claims["sub"], claims["name"]

    before = asyncio.run(subject(first))
    done(first.idp("backup", tmp_path / "backup"))
    told = done(second.idp("restore", tmp_path / "backup")).stdout
    assert f"is restored, schema {EXPECTED_REVISION}" in told
    assert "start idp serve" in told
    done(second.idp("audit", "verify"))
    last = json.loads(second.idp("audit", "export").stdout.splitlines()[-1])["record"]
    assert (last["name"], last["event"]["grants_ended"]) == ("backup.restored", 1)
    assert asyncio.run(subject(second)) == before
    assert not list(second.folder.glob(".idp.db*"))


def test_what_was_revoked_after_the_backup_does_not_come_back(first: Place, second: Place, tmp_path: Path) -> None:
    token = asyncio.run(offline_token(first))
    done(first.idp("backup", tmp_path / "backup"))
    document = json.loads(done(second.idp("restore", tmp_path / "backup", "--json")).stdout)
    assert document["grants_ended"] >= 1
    assert asyncio.run(refresh(second, token)) == 400


def test_where_nothing_was_served_in_between_refresh_tokens_go_on(first: Place, second: Place, tmp_path: Path) -> None:
    token = asyncio.run(offline_token(first))
    done(first.idp("backup", tmp_path / "backup"))
    document = json.loads(done(second.idp("restore", tmp_path / "backup", "--keep-grants", "--json")).stdout)
    assert document["grants_ended"] == 0
    assert asyncio.run(refresh(second, token)) == 200


def test_a_token_that_was_turned_after_the_backup_ends_its_family_when_grants_are_kept(
    first: Place, second: Place, tmp_path: Path
) -> None:
    """Turned once more behind the backup's back, the newer token looks like a copy: it fails closed."""
    token = asyncio.run(offline_token(first))
    done(first.idp("backup", tmp_path / "backup"))

    async def turn() -> str:
        async with first.running() as provider, provider.client() as http:
            fields = {"grant_type": "refresh_token", "refresh_token": token}
            answer = await http.post("/token", data=fields, auth=("portal", SECRET))
            return str(answer.json()["refresh_token"])

    newer = asyncio.run(turn())
    done(second.idp("restore", tmp_path / "backup", "--keep-grants"))
    assert asyncio.run(refresh(second, newer)) == 400
    assert asyncio.run(refresh(second, token)) == 400


def test_the_record_is_verified_against_what_was_seen_and_restored_all_the_same(
    small: Place, elsewhere: Place, tmp_path: Path
) -> None:
    done(small.idp("client", "disable", "portal"))
    done(small.idp("backup", tmp_path / "good"))
    secret = load_secret(small.folder / "secret", create=False)
    manifest = read_manifest(tmp_path / "good", secret)
    heads = tuple(structs.replace(head, digest="00" * 32) for head in manifest.heads)
    write_manifest(tmp_path / "good", structs.replace(manifest, heads=heads), secret)
    message = refused(elsewhere.idp("restore", tmp_path / "good"))
    assert "restored, but its audit record does not hold: 1 findings" in message
    done(elsewhere.idp("client", "list"))


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ("database.sqlite", "was changed or cut"),
        ("keys/keystore.json", "was changed or cut"),
        ("audit-checkpoints.jsonl", "was changed or cut"),
        ("manifest.json", "was changed, or made under another secret file"),
    ],
)
def test_a_backup_that_was_tampered_with_is_refused_before_anything_is_touched(
    small: Place, elsewhere: Place, tmp_path: Path, part: str, says: str
) -> None:
    done(small.idp("client", "disable", "portal"))
    done(small.idp("backup", tmp_path / "backup"))
    path = tmp_path / "backup" / part
    content = bytearray(path.read_bytes())
    place = content.index(b'"revision":"') + 12 if part == "manifest.json" else len(content) // 2
    content[place] ^= 1
    path.write_bytes(content)
    assert says in refused(elsewhere.idp("restore", tmp_path / "backup"))
    assert nothing_is_left_of(elsewhere)


@pytest.mark.parametrize(
    ("part", "says"),
    [("database.sqlite", "was changed or cut"), ("manifest.json", "is damaged")],
)
def test_a_backup_that_was_cut_is_refused(small: Place, elsewhere: Place, tmp_path: Path, part: str, says: str) -> None:
    done(small.idp("backup", tmp_path / "backup"))
    path = tmp_path / "backup" / part
    path.write_bytes(path.read_bytes()[:-100])
    assert says in refused(elsewhere.idp("restore", tmp_path / "backup"))
    path.unlink()
    assert ("is missing" if part != "manifest.json" else "is no backup") in refused(
        elsewhere.idp("restore", tmp_path / "backup")
    )
    assert nothing_is_left_of(elsewhere)


def test_the_backup_of_another_provider_is_refused(
    small: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done(small.idp("backup", tmp_path / "backup"))
    stranger = empty_place("sqlite", tmp_path / "stranger", monkeypatch)
    assert "secret file" in refused(stranger.idp("restore", tmp_path / "backup"))
    assert nothing_is_left_of(stranger)
    load_secret(stranger.folder / "secret", create=True)
    assert "made under another secret file" in refused(stranger.idp("restore", tmp_path / "backup"))
    stranger.bring_secret_of(small)
    monkeypatch.setattr("tests.cli.backup_places.ISSUER", "https://other.example.vn")
    assert "of the issuer http://localhost:8000" in refused(stranger.idp("restore", tmp_path / "backup"))
    assert nothing_is_left_of(stranger)


def test_a_backup_of_another_engine_or_release_is_refused(small: Place, elsewhere: Place, tmp_path: Path) -> None:
    done(small.idp("backup", tmp_path / "backup"))
    elsewhere_on_postgresql = replace(elsewhere, url="postgresql://nobody@localhost:1/idp")
    assert "is of sqlite" in refused(elsewhere_on_postgresql.idp("restore", tmp_path / "backup"))
    secret = load_secret(small.folder / "secret", create=False)
    manifest = read_manifest(tmp_path / "backup", secret)
    refusals: list[tuple[dict[str, Any], str]] = [
        ({"revision": "9999"}, "schema 9999"),
        ({"format": 2}, "another release"),
    ]
    for changes, says in refusals:
        write_manifest(tmp_path / "backup", structs.replace(manifest, **changes), secret)
        assert says in refused(elsewhere.idp("restore", tmp_path / "backup"))
    assert nothing_is_left_of(elsewhere)


def test_nothing_that_is_there_is_overwritten(first: Place, tmp_path: Path) -> None:
    done(first.idp("backup", tmp_path / "backup"))
    message = refused(first.idp("restore", tmp_path / "backup"))
    assert "is there already" in message or "has tables already" in message


def test_another_keystore_and_other_checkpoints_are_left_alone(small: Place, elsewhere: Place, tmp_path: Path) -> None:
    done(small.idp("client", "disable", "portal"))
    done(small.idp("backup", tmp_path / "backup"))
    shutil.copytree(small.folder / "keys", elsewhere.folder / "keys")
    elsewhere.checkpoints.write_text("somebody else's\n")
    assert "move it away and keep it" in refused(elsewhere.idp("restore", tmp_path / "backup"))
    assert elsewhere.checkpoints.read_text() == "somebody else's\n"
    elsewhere.checkpoints.unlink()
    key = next((elsewhere.folder / "keys").glob("signing-*.json"))
    original = key.read_bytes()
    key.write_bytes(original.replace(b'"created_at": 1', b'"created_at": 2'))
    assert "is not that of the backup" in refused(elsewhere.idp("restore", tmp_path / "backup"))
    key.write_bytes(original)
    assert not (elsewhere.folder / "idp.db").exists()
    done(elsewhere.idp("restore", tmp_path / "backup"))


def test_keys_that_came_meanwhile_are_left_alone(
    small: Place, elsewhere: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two restores of different backups at once: their keys do not mix."""
    done(small.idp("backup", tmp_path / "backup"))
    place, refuse = elsewhere.folder / "keys", restore_work._refuse_another_place

    def bring_another(*arguments: Any) -> None:
        refuse(*arguments)
        place.mkdir(mode=0o700)
        (place / "another.json").write_text("{}")

    monkeypatch.setattr(restore_work, "_refuse_another_place", bring_another)
    assert "another.json is not that of the backup" in refused(elsewhere.idp("restore", tmp_path / "backup"))
    assert [path.name for path in place.glob("*.json")] == ["another.json"]


def test_a_stale_log_beside_the_database_s_place_is_never_taken_for_its_own(
    small: Place, elsewhere: Place, tmp_path: Path
) -> None:
    done(small.idp("backup", tmp_path / "backup"))
    (elsewhere.folder / "idp.db-wal").write_bytes(b"an older database's")
    assert "idp.db-wal is there already" in refused(elsewhere.idp("restore", tmp_path / "backup"))


def kill_restore(backup: Path, stage: str) -> None:
    """Restore in a process that is killed when it comes to a function for the given time, such as `module:name:2`."""
    module, name, times = stage.split(":")
    code = (
        "import importlib, os, signal\n"
        "from idp.cli.main import main\n"
        f"module, calls = importlib.import_module({module!r}), []\n"
        f"called = module.{name}\n"
        "def killed(*arguments, **named):\n"
        "    calls.append(1)\n"
        f"    return called(*arguments, **named) if len(calls) < {times} else os.kill(os.getpid(), signal.SIGKILL)\n"
        f"module.{name} = killed\n"
        "main()\n"
    )
    process = subprocess.run([sys.executable, "-c", code, "restore", str(backup)], check=False)
    assert process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("stage", [
    "idp.adapters.backup.keystore_files:replace_file:1", "idp.adapters.backup.keystore_files:replace_file:2",
    "idp.adapters.durable_file:synchronise_folder:2", "idp.cli.restore_work:open_keystore:1",
    "idp.adapters.backup.sqlite_copy:new_file:1", "idp.cli.restore_work:verify_record:1",
    "idp.cli.restore_work:settle:1", "idp.adapters.sql.schema:migrate:1",
    "idp.adapters.backup.sqlite_copy:synchronise_file:1", "idp.cli.restore_work:restore_checkpoints:1",
])  # fmt: skip
def test_a_restore_that_was_killed_leaves_no_database_and_can_be_done_again(
    small: Place, elsewhere: Place, tmp_path: Path, stage: str
) -> None:
    done(small.idp("backup", tmp_path / "backup"))
    refused(elsewhere.idp("restore", tmp_path / "no backup"))
    kill_restore(tmp_path / "backup", stage)
    assert not (elsewhere.folder / "idp.db").exists()
    done(elsewhere.idp("restore", tmp_path / "backup"))
    done(elsewhere.idp("audit", "verify"))
    assert not list(elsewhere.folder.glob(".*"))
    assert not list((elsewhere.folder / "keys").glob(".new-*"))


@pytest.mark.parametrize("stage", [
    "idp.adapters.backup.sqlite_copy:_discard:2", "idp.adapters.backup.sqlite_copy:synchronise_folder:1",
    "idp.cli.restore_work:_see:1",
])  # fmt: skip
def test_a_restore_that_was_killed_when_the_database_was_there_left_out_nothing_that_counts(
    small: Place, elsewhere: Place, tmp_path: Path, stage: str
) -> None:
    """Grants are ended and the checkpoints are there; what is missing is the one that has seen the restored record."""
    token = asyncio.run(offline_token(small))
    done(small.idp("client", "enable", "portal"))
    done(small.idp("backup", tmp_path / "backup"))
    refused(elsewhere.idp("restore", tmp_path / "no backup"))
    kill_restore(tmp_path / "backup", stage)
    assert elsewhere.checkpoints.read_bytes() == (tmp_path / "backup" / CHECKPOINTS).read_bytes() != b""
    assert asyncio.run(refresh(elsewhere, token)) == 400
    assert "idp.db is there already" in refused(elsewhere.idp("restore", tmp_path / "backup"))
    done(elsewhere.idp("client", "disable", "portal"))
    done(elsewhere.idp("audit", "verify"))


def test_on_a_dump_that_was_loaded_and_not_finished_no_node_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = asyncio.run(live_place("postgresql", tmp_path / "first", monkeypatch))
    done(first.idp("backup", tmp_path / "backup"))
    second = empty_place("postgresql", tmp_path / "second", monkeypatch)
    second.bring_secret_of(first)

    class CutOffError(Exception):
        pass

    def cut_off(*_: object, **__: object) -> None:
        raise CutOffError

    with monkeypatch.context() as patch:
        patch.setattr("idp.cli.restore_work.settle", cut_off)
        assert isinstance(second.idp("restore", tmp_path / "backup").exception, CutOffError)
    assert current_revision(second.url) == "unknown"
    with pytest.raises(SchemaMismatchError):
        prepare(second.url)
    assert "has tables already" in refused(second.idp("restore", tmp_path / "backup"))


def test_an_older_backup_is_brought_to_the_schema_of_this_release(
    small: Place, elsewhere: Place, tmp_path: Path
) -> None:
    make_older(small.folder / "idp.db", tmp_path / "first.db")
    done(small.idp("backup", tmp_path / "backup"))
    told = done(elsewhere.idp("restore", tmp_path / "backup")).stdout
    assert f"schema {EXPECTED_REVISION}" in told
    assert current_revision(elsewhere.url) == EXPECTED_REVISION
    done(elsewhere.idp("person", "show", PERSON))


def test_keys_in_a_token_are_left_to_its_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configuration = softhsm2.configure(tmp_path / "token")
    monkeypatch.setenv(softhsm2.CONFIGURATION, str(configuration))
    softhsm2.make_token(configuration)
    # The library may have been at work in this process before, on another test's tokens.
    pkcs11.lib(softhsm2.module_path()).reinitialize()
    keystore = softhsm2.uri(tmp_path / "token")
    first = replace(empty_place("sqlite", tmp_path / "first", monkeypatch), keystore=keystore)
    done(
        first.idp("client", "add", "portal", "--name", "Portal", "--redirect-uri", "https://portal.example.vn/callback")
    )
    told = done(first.idp("backup", tmp_path / "backup")).stdout
    assert "The keys lie in a PKCS #11 token, which its module's own means back up." in told
    assert not (tmp_path / "backup" / "keys").exists()
    second = empty_place("sqlite", tmp_path / "second", monkeypatch)
    second.bring_secret_of(first)
    assert "needs a pkcs11 keystore" in refused(second.idp("restore", tmp_path / "backup"))
    second = replace(second, keystore=keystore)
    done(second.idp("restore", tmp_path / "backup"))
    done(second.idp("audit", "verify"))
    assert second.idp("client", "list", "--json").stdout == first.idp("client", "list", "--json").stdout


def test_the_operator_is_told_to_empty_a_store_of_short_lived_state(
    small: Place, elsewhere: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done(small.idp("backup", tmp_path / "backup"))
    monkeypatch.setenv("IDP_STATE_URL", "redis://127.0.0.1:1")
    told = done(elsewhere.idp("restore", tmp_path / "backup")).stdout
    assert "Sessions are NOT ended: empty the store of IDP_STATE_URL" in told
    assert "every session" not in told


def test_a_checkpoint_that_this_provider_did_not_sign_is_a_finding(
    small: Place, elsewhere: Place, tmp_path: Path
) -> None:
    done(small.idp("client", "disable", "portal"))
    line = small.checkpoints.read_text()
    small.checkpoints.write_text(line[:-20] + ("A" if line[-20] != "A" else "B") + line[-19:])
    done(small.idp("backup", tmp_path / "backup"))
    assert "does not hold: 1 findings" in refused(elsewhere.idp("restore", tmp_path / "backup"))


def test_newer_checkpoints_tell_from_where_on_the_backup_knows_nothing(
    small: Place, elsewhere: Place, tmp_path: Path
) -> None:
    done(small.idp("client", "disable", "portal"))
    done(small.idp("backup", tmp_path / "backup"))
    newest = read_manifest(tmp_path / "backup", load_secret(small.folder / "secret", create=False)).heads[0].sequence
    for command in ("enable", "disable", "enable"):
        done(small.idp("client", command, "portal"))
    done(elsewhere.idp("restore", tmp_path / "backup"))
    result = elsewhere.idp("audit", "verify", "--json", "--checkpoints", small.checkpoints)
    findings = {(each["fault"], each["sequence"]) for each in json.loads(result.stdout)["findings"]}
    assert findings == {("rewritten", newest + 1), ("cut", newest + 2)}
