"""A token that holds a keystore; its module is SoftHSM2."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from idp.adapters.crypto.pkcs11.token import Pkcs11Token
from tests import softhsm2
from tests.adapters.crypto.keystores import Place, TokenPlace, empty_place


@pytest.fixture(scope="module", params=[pytest.param("pkcs11", marks=pytest.mark.slow)])
def kind(request: pytest.FixtureRequest) -> Iterator[str]:
    """Only tokens here; the module's configuration is put back afterwards."""
    softhsm2.module_path()
    before = os.environ.get(softhsm2.CONFIGURATION, "")
    yield str(request.param)
    os.environ[softhsm2.CONFIGURATION] = before


@pytest.fixture
def token_place(place: Place) -> TokenPlace:
    """A token with a keystore in it."""
    assert isinstance(place, TokenPlace)
    return place


@pytest.fixture
def empty_token(kind: str, tmp_path: Path) -> Pkcs11Token:
    """A token with nothing in it."""
    place = empty_place(kind, tmp_path)
    assert isinstance(place, TokenPlace)
    return place.token()
