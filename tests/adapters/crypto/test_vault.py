import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.adapters.crypto.long_lived_keys import BLIND_INDEX, WRAPPING_1
from idp.adapters.crypto.vault import KeystoreVault
from idp.ports.vault import VaultError

VAULT = KeystoreVault({WRAPPING_1: b"w" * 32, BLIND_INDEX: b"i" * 32})
OTHER = KeystoreVault({WRAPPING_1: b"x" * 32, BLIND_INDEX: b"j" * 32})


@given(st.text(max_size=40), st.binary(max_size=400))
def test_what_was_sealed_opens_in_its_own_place(context: str, value: bytes) -> None:
    key = VAULT.new_key()
    assert VAULT.open(key, context, VAULT.seal(key, context, value)) == value


def test_data_keys_are_fresh_and_leave_wrapped() -> None:
    keys = {VAULT.new_key() for _ in range(100)}
    assert len(keys) == 100
    assert {key[:1] for key in keys} == {b"\x01"}
    assert {len(key) for key in keys} == {62}


def test_another_person_row_or_keystore_opens_nothing() -> None:
    key = VAULT.new_key()
    sealed = VAULT.seal(key, "person.name:1", b"Nguyen")
    for vault, wrapped, context in (
        (VAULT, VAULT.new_key(), "person.name:1"),
        (VAULT, key, "person.name:2"),
        (OTHER, key, "person.name:1"),
        (OTHER, OTHER.new_key(), "person.name:1"),
    ):
        with pytest.raises(VaultError):
            vault.open(wrapped, context, sealed)


@given(st.integers(min_value=0, max_value=61), st.integers(min_value=1, max_value=255))
def test_a_changed_data_key_opens_and_seals_nothing(position: int, change: int) -> None:
    key = bytearray(VAULT.new_key())
    key[position] ^= change
    with pytest.raises(VaultError):
        VAULT.seal(bytes(key), "row", b"value")


@given(st.integers(min_value=0, max_value=33), st.integers(min_value=1, max_value=255))
def test_a_changed_value_does_not_open(position: int, change: int) -> None:
    key = VAULT.new_key()
    sealed = bytearray(VAULT.seal(key, "row", b"value"))
    sealed[position] ^= change
    with pytest.raises(VaultError):
        VAULT.open(key, "row", bytes(sealed))


@given(st.binary(max_size=80))
def test_garbage_opens_nothing(garbage: bytes) -> None:
    with pytest.raises(VaultError):
        VAULT.open(garbage, "row", garbage)
    with pytest.raises(VaultError):
        VAULT.open(VAULT.new_key(), "row", garbage)


def test_few_data_keys_are_kept_at_hand_and_all_others_still_open() -> None:
    vault = KeystoreVault({WRAPPING_1: b"w" * 32, BLIND_INDEX: b"i" * 32}, keys_at_hand=2)
    sealed = {key: vault.seal(key, "row", key) for key in (vault.new_key() for _ in range(10))}
    assert all(vault.open(key, "row", value) == key for key, value in sealed.items())
    assert vault._data_key.cache_info().currsize == 2


def test_a_blind_index_is_the_same_for_the_same_value_of_the_same_kind_under_the_same_key() -> None:
    index = VAULT.blind_index("personal_number", "001099000001")
    assert len(index) == 32
    assert index == VAULT.blind_index("personal_number", "001099000001")
    others = [
        VAULT.blind_index("personal_number", "001099000002"),
        VAULT.blind_index("phone_number", "001099000001"),
        OTHER.blind_index("personal_number", "001099000001"),
        VAULT.blind_index("a:b", "c"),
        VAULT.blind_index("a", "b:c"),
        VAULT.blind_index("a", "\ud800"),
    ]
    assert len({index, *others}) == 7


def test_a_vault_shows_no_key() -> None:
    assert "wwww" not in repr(VAULT)
