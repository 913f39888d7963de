"""A keystore of each kind, on a clock that tests turn."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from idp.adapters.crypto.keystore import DocumentKeystore
from idp.adapters.crypto.sealed_folder import SealedFolder
from idp.adapters.crypto.secret_file import Secret
from idp.adapters.crypto.signing_keys import SigningKeys
from tests import softhsm2
from tests.adapters.crypto.keystores import Place, empty_place, make, prepared_place
from tests.adapters.turned_clock import TurnedClock

KINDS = ("file", pytest.param("pkcs11", marks=pytest.mark.slow))


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


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> Iterator[str]:
    """The kind of keystore; the module's configuration is put back afterwards."""
    if request.param == "pkcs11":
        softhsm2.module_path()
    before = os.environ.get(softhsm2.CONFIGURATION)
    yield request.param
    if before is None:
        os.environ.pop(softhsm2.CONFIGURATION, None)
    else:
        os.environ[softhsm2.CONFIGURATION] = before


@pytest.fixture(scope="module")
def new_keystore(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new keystore, made once, since RSA keys take their time."""
    return make(kind, tmp_path_factory.mktemp("new"))


@pytest.fixture
def empty(kind: str, tmp_path: Path) -> Place:
    return empty_place(kind, tmp_path)


@pytest.fixture
def place(kind: str, tmp_path: Path, new_keystore: Path) -> Place:
    return prepared_place(kind, tmp_path, new_keystore)


@pytest.fixture
def keystore(place: Place, clock: TurnedClock) -> DocumentKeystore:
    return place.open(clock)


@pytest.fixture
def signing_keys(keystore: DocumentKeystore) -> SigningKeys:
    return keystore.signing_keys
