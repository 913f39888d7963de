import pytest

from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.crypto.pkcs11.keystore import Pkcs11Keystore, pkcs11_signing_keys
from idp.adapters.crypto.secret_file import Secret
from tests.adapters.crypto.keystores import SECRET, TokenPlace, empty_place
from tests.adapters.turned_clock import TurnedClock


def test_another_secret_opens_no_token_and_changes_nothing(token_place: TokenPlace, clock: TurnedClock) -> None:
    before = token_place.documents().fingerprint()[1:]
    with pytest.raises(KeyMaterialError, match="does not open"):
        Pkcs11Keystore(token_place.setting, Secret(b"\1" * 32), clock)
    assert token_place.documents().fingerprint()[1:] == before


def test_looking_at_the_keys_of_an_empty_token_makes_none(
    kind: str, tmp_path_factory: pytest.TempPathFactory, clock: TurnedClock
) -> None:
    place = empty_place(kind, tmp_path_factory.mktemp("looked-at"))
    keys = pkcs11_signing_keys(place.setting, SECRET, clock)
    assert keys.load() == ()
    assert keys.load() == ()
