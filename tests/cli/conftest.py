import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from idp.cli.main import app

Idp = Callable[..., Result]


@pytest.fixture(scope="session")
def new_provider(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an empty database, a keystore and its secret, made once, since making them takes a second."""
    folder = tmp_path_factory.mktemp("provider")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert CliRunner().invoke(app, ["client", "list", "--json"]).exit_code == 0
    return folder


@pytest.fixture
def idp(tmp_path: Path, new_provider: Path, monkeypatch: pytest.MonkeyPatch) -> Idp:
    """Runs `idp` commands on a provider of their own; passwords are hashed cheaply."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IDP_ARGON2", "m=8,t=1,p=1")
    shutil.copytree(new_provider, tmp_path, dirs_exist_ok=True)

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    return run
