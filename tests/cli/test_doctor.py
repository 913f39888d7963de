import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from idp.cli.doctor import command
from idp.cli.refusal import Refusal

app = typer.Typer()
app.command()(command)


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IDP_ISSUER", "http://localhost:1")


def test_findings_are_a_table_for_people() -> None:
    done = CliRunner().invoke(app, [])
    assert done.exit_code == 0
    assert "secret file" in done.stdout


def test_findings_are_one_document_for_programs() -> None:
    document = json.loads(CliRunner().invoke(app, ["--json"]).stdout)
    assert document["healthy"] is True
    assert {"check", "level", "says", "remedy"} == set(document["findings"][0])


def test_something_that_fails_is_a_refusal_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDP_MAIL", "smtp://127.0.0.1:1")
    done = CliRunner().invoke(app, ["--json"])
    assert isinstance(done.exception, Refusal)
    assert str(done.exception) == "mail: check IDP_MAIL"
    assert json.loads(done.stdout)["healthy"] is False


def test_wrong_settings_are_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDP_MAIL", "pigeon")
    assert isinstance(CliRunner().invoke(app, []).exception, Refusal)
