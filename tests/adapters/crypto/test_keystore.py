from pathlib import Path

import pytest

from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.crypto.keystore import FileKeystore
from idp.adapters.crypto.secret_file import Secret
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


def test_two_keystores_have_nothing_in_common(tmp_path: Path, secret: Secret, clock: TurnedClock) -> None:
    one, two = (FileKeystore(tmp_path / name, secret, clock) for name in ("one", "two"))
    assert one.subject_keys().tag("a", "b") != two.subject_keys().tag("a", "b")
    assert one.vault().blind_index("a", "b") != two.vault().blind_index("a", "b")
