import shutil
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner

from idp.cli.main import app
from idp.cli.opening import Provider, on_provider
from idp.cli.refusal import Refusal
from idp.ports.errors import StoreUnavailableError
from tests.cli.conftest import Idp


async def issuer_of(provider: Provider) -> str:
    return provider.settings.issuer


async def fail(provider: Provider) -> None:
    raise StoreUnavailableError


def test_work_is_done_on_the_provider_that_the_settings_name(idp: Idp) -> None:
    assert on_provider(issuer_of) == "http://localhost:8000"


def test_a_new_provider_is_made_where_there_is_none_and_where_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    on_provider(issuer_of)
    assert (tmp_path / "var/idp.db").is_file()
    assert capsys.readouterr() == ("", f"idp: there was no database yet, so that {tmp_path}/var/idp.db was made\n")
    on_provider(issuer_of)
    assert capsys.readouterr() == ("", "")
    assert (tmp_path / "var/secret").is_file()
    assert (tmp_path / "keys").is_dir()


@pytest.mark.parametrize("command", [("client", "list"), ("doctor",), ("backup", "copy"), ("keys", "list")])
@pytest.mark.parametrize("left", ["var/idp.db", "keys"])
def test_a_lost_secret_is_asked_for_and_nothing_is_made(
    idp: Idp, tmp_path: Path, command: tuple[str, ...], left: str
) -> None:
    (tmp_path / "var/secret").unlink()
    if left == "keys":
        (tmp_path / "var/idp.db").unlink()
    else:
        shutil.rmtree(tmp_path / "keys")
    before = sorted(tmp_path.rglob("*"))
    done = idp(*command)
    assert isinstance(done.exception, Refusal)
    assert "secret" in str(done.exception)
    assert "bring it" in str(done.exception)
    assert [path for path in sorted(tmp_path.rglob("*")) if path not in before] == []


def test_lost_keys_are_asked_for_and_none_are_made(idp: Idp, tmp_path: Path) -> None:
    assert idp("client", "token", "create").exit_code == 0
    shutil.rmtree(tmp_path / "keys")
    done = idp("client", "list")
    assert isinstance(done.exception, Refusal)
    assert "keys is empty" in str(done.exception)
    assert "bring them back" in str(done.exception)
    assert not any((tmp_path / "keys").glob("*"))
    assert idp("doctor").exit_code == 1
    assert not any((tmp_path / "keys").glob("*"))


def test_keys_are_made_for_a_database_that_nobody_used_yet(idp: Idp, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "keys")
    assert idp("client", "list").exit_code == 0
    assert any((tmp_path / "keys").glob("*.json"))


def test_a_database_that_was_migrated_first_has_its_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(app, ["migrate"]).exit_code == 0
    secret = (tmp_path / "var/secret").read_bytes()
    assert on_provider(issuer_of) == "http://localhost:8000"
    assert (tmp_path / "var/secret").read_bytes() == secret


def test_a_refusal_on_a_new_provider_says_so_in_its_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def find_nobody(provider: Provider) -> None:
        raise Refusal("nobody has this number", "check it")

    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refusal) as refusal:
        on_provider(find_nobody)
    made = f"there was no database yet, so that {tmp_path}/var/idp.db was made"
    assert str(refusal.value) == f"nobody has this number: check it ({made})"
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("IDP_ISSUER", "ftp://x", "IDP_ISSUER"),
        ("IDP_SECRET_FILE", "all.yaml", "chmod 600"),
        ("IDP_KEYSTORE", "file:/proc/nowhere", "keystore"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(
    idp: Idp, monkeypatch: pytest.MonkeyPatch, name: str, value: str, problem: str
) -> None:
    Path("all.yaml").touch(mode=0o644)
    monkeypatch.setenv(name, value)
    with pytest.raises(Refusal) as refusal:
        on_provider(issuer_of)
    assert problem in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_an_older_schema_asks_for_a_migration(idp: Idp, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "var/idp.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    connection.close()
    with pytest.raises(Refusal, match="run idp migrate"):
        on_provider(issuer_of)


def test_a_database_that_does_not_answer_is_refused(idp: Idp) -> None:
    with pytest.raises(Refusal, match="the database does not answer"):
        on_provider(fail)


def test_a_file_that_is_no_database_is_refused(idp: Idp, tmp_path: Path) -> None:
    (tmp_path / "var/idp.db").write_bytes(b"not a database" * 100)
    with pytest.raises(Refusal, match="what IDP_DATABASE_URL names is no database"):
        on_provider(issuer_of)
