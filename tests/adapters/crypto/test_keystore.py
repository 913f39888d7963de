import base64
import sys
from pathlib import Path

import pytest

from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.crypto.keystore import (
    DocumentKeystore,
    FileKeystore,
    holds_keys,
    open_keystore,
    signing_keys_as_they_are,
)
from idp.adapters.crypto.secret_file import Secret
from idp.settings import Settings
from tests.adapters.crypto.keystores import Place
from tests.adapters.turned_clock import TurnedClock


def test_everything_made_from_a_keystore_survives_a_restart(place: Place, clock: TurnedClock) -> None:
    before, after = (place.open(clock) for _ in range(2))
    token = before.token_signer().sign({"sub": "a"}, algorithm="ES256", token_type="JWT")
    assert after.token_signer().verify(token, token_type="JWT") == {"sub": "a"}
    key = before.vault().new_key()
    assert after.vault().open(key, "row", before.vault().seal(key, "row", b"value")) == b"value"
    assert after.subject_keys().tag("a", "b") == before.subject_keys().tag("a", "b")
    assert after.vault().blind_index("a", "b") == before.vault().blind_index("a", "b")


def test_another_secret_opens_no_keystore_and_changes_nothing(path: Path, secret: Secret, clock: TurnedClock) -> None:
    FileKeystore(path, secret, clock)
    before = {file.name: file.read_bytes() for file in path.iterdir()}
    with pytest.raises(KeyMaterialError, match="does not open"):
        FileKeystore(path, Secret(b"\1" * 32), clock)
    assert {file.name: file.read_bytes() for file in path.iterdir()} == before


def test_the_readme_of_the_folder_is_no_key(path: Path, secret: Secret, clock: TurnedClock) -> None:
    path.mkdir()
    (path / "README.md").write_text("What each file is.")
    FileKeystore(path, secret, clock)
    assert (path / "README.md").read_text() == "What each file is."


def test_a_folder_that_may_not_be_looked_into_is_not_taken_for_an_empty_one(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(keystore=f"file:{path}")
    assert not holds_keys(settings)
    path.mkdir()
    assert not holds_keys(settings)
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(KeyMaterialError, match="cannot be looked into"):
        holds_keys(settings)


def test_two_keystores_have_nothing_in_common(tmp_path: Path, secret: Secret, clock: TurnedClock) -> None:
    one, two = (FileKeystore(tmp_path / name, secret, clock) for name in ("one", "two"))
    assert one.subject_keys().tag("a", "b") != two.subject_keys().tag("a", "b")
    assert one.vault().blind_index("a", "b") != two.vault().blind_index("a", "b")


def settings_for(place: Place, tmp_path: Path) -> Settings:
    secret = tmp_path / "secret"
    secret.touch(0o600)
    secret.write_bytes(base64.b64encode(bytes(range(32))))
    return Settings(keystore=place.setting, secret_file=secret)


def test_the_settings_name_the_keystore(
    place: Place, keystore: DocumentKeystore, clock: TurnedClock, tmp_path: Path
) -> None:
    settings = settings_for(place, tmp_path)
    opened = open_keystore(settings, clock)
    assert [key.kid for key in opened.signing_keys.load()] == [key.kid for key in keystore.signing_keys.load()]
    looked_at = signing_keys_as_they_are(settings, Secret(bytes(range(32))), clock)
    assert looked_at.load() == keystore.signing_keys.load()


def test_an_installation_without_the_extra_says_so(
    tmp_path: Path, clock: TurnedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "idp.adapters.crypto.pkcs11.keystore", None)
    secret = tmp_path / "secret"
    settings = Settings(keystore="pkcs11:token=a?module-path=/b&pin-value=c", secret_file=secret)
    with pytest.raises(KeyMaterialError, match="knows no PKCS #11"):
        open_keystore(settings, clock)
    with pytest.raises(KeyMaterialError, match="knows no PKCS #11"):
        signing_keys_as_they_are(settings, Secret(bytes(32)), clock)
