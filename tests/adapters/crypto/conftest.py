"""A keystore in a temporary folder, on a clock that tests turn."""

from pathlib import Path

import pytest

from idp.adapters.crypto.keystore import FileKeystore
from idp.adapters.crypto.sealed_folder import SealedFolder
from idp.adapters.crypto.secret_file import Secret
from idp.adapters.crypto.signing_keys import SigningKeys
from idp.domain.ids import Seconds

START = 1_800_000_000


class TurnedClock:
    """A clock that stands until a test turns it."""

    def __init__(self) -> None:
        self.seconds = START

    def now(self) -> Seconds:
        return Seconds(self.seconds)

    def milliseconds(self) -> int:
        return self.seconds * 1000


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


@pytest.fixture
def keystore(path: Path, secret: Secret, clock: TurnedClock) -> FileKeystore:
    return FileKeystore(path, secret, clock)


@pytest.fixture
def signing_keys(keystore: FileKeystore) -> SigningKeys:
    return keystore.signing_keys
