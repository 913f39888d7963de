import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from idp.adapters.sql import schema
from idp.cli.main import app

Idp = Callable[..., Result]


@pytest.fixture(scope="session")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database at the schema of this release, made once, since making it takes a second."""
    path = tmp_path_factory.mktemp("schema") / "idp.db"
    schema.prepare(f"sqlite:///{path}")
    return path


@pytest.fixture
def idp(tmp_path: Path, new_database: Path, monkeypatch: pytest.MonkeyPatch) -> Idp:
    """Runs `idp` commands on a provider of their own; passwords are hashed cheaply."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IDP_ARGON2", "m=8,t=1,p=1")
    (tmp_path / "var").mkdir()
    shutil.copy(new_database, tmp_path / "var/idp.db")

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    return run
