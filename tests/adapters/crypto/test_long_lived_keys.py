import pytest

from idp.adapters.crypto.documents import KeyDocuments
from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.crypto.long_lived_keys import PURPOSES, open_long_lived_keys
from tests.adapters.crypto.keystores import Place, lose
from tests.adapters.turned_clock import TurnedClock


@pytest.fixture
def folder(empty: Place) -> KeyDocuments:
    return empty.documents()


def test_a_new_keystore_gets_one_random_key_for_each_purpose(folder: KeyDocuments, clock: TurnedClock) -> None:
    keys = open_long_lived_keys(folder, clock)
    assert set(keys) == set(PURPOSES)
    assert len(set(keys.values())) == len(PURPOSES)
    assert {len(key) for key in keys.values()} == {32}


def test_the_keys_stay_the_same(folder: KeyDocuments, clock: TurnedClock) -> None:
    assert open_long_lived_keys(folder, clock) == open_long_lived_keys(folder, clock)


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_lost_key_is_refused_by_name_and_never_made_anew(
    folder: KeyDocuments, empty: Place, clock: TurnedClock, purpose: str
) -> None:
    open_long_lived_keys(folder, clock)
    lose(empty, f"long-lived-{purpose}")
    for _ in range(2):
        with pytest.raises(KeyMaterialError, match=f"lost its {purpose} key"):
            open_long_lived_keys(folder, clock)


def test_a_lost_marker_changes_no_key(folder: KeyDocuments, empty: Place, clock: TurnedClock) -> None:
    keys = open_long_lived_keys(folder, clock)
    lose(empty, "keystore")
    assert open_long_lived_keys(folder, clock) == keys


def test_a_purpose_of_a_later_release_gets_its_key_and_the_others_keep_theirs(
    folder: KeyDocuments, clock: TurnedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = open_long_lived_keys(folder, clock)
    monkeypatch.setattr("idp.adapters.crypto.long_lived_keys.PURPOSES", (*PURPOSES, "later"))
    after = open_long_lived_keys(folder, clock)
    assert {purpose: after[purpose] for purpose in PURPOSES} == before
    assert len(after["later"]) == 32
