"""A keystore in a temporary folder, on a clock that tests turn."""

import shutil
from pathlib import Path

import pytest

from idp.adapters.crypto.keystore import FileKeystore
from idp.adapters.crypto.sealed_folder import SealedFolder
from idp.adapters.crypto.secret_file import Secret
from idp.adapters.crypto.signing_keys import SigningKeys
from tests.adapters.turned_clock import TurnedClock


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
def secret() -> Secret:
    return Secret(bytes(range(32)))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.fixture
def folder(path: Path, secret: Secret) -> SealedFolder:
    folder = SealedFolder(path, secret.derive("keystore"))
    folder.prepare()
    return folder


@pytest.fixture(scope="session")
def new_keystore(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new keystore, made once, since RSA keys take their time."""
    path = tmp_path_factory.mktemp("new") / "keys"
    FileKeystore(path, Secret(bytes(range(32))), TurnedClock())
    return path


@pytest.fixture
def keystore(path: Path, new_keystore: Path, secret: Secret, clock: TurnedClock) -> FileKeystore:
    shutil.copytree(new_keystore, path)
    return FileKeystore(path, secret, clock)


@pytest.fixture
def signing_keys(keystore: FileKeystore) -> SigningKeys:
    return keystore.signing_keys
