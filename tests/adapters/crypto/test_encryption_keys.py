import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from idp.adapters.crypto.encryption_keys import KEPT_FOR, KINDS, EncryptionKeys, EncryptionKeyState
from idp.adapters.crypto.keystore import DocumentKeystore
from tests.adapters.crypto.keystores import Place
from tests.adapters.turned_clock import TurnedClock

PERIOD = 90 * 24 * 3600


@pytest.fixture
def keys(keystore: DocumentKeystore) -> EncryptionKeys:
    return keystore.encryption_keys


def states(keys: EncryptionKeys) -> list[tuple[str, str]]:
    return sorted((key.kind, key.state.value) for key in keys.load())


def test_a_new_keystore_has_one_key_of_each_kind(keys: EncryptionKeys) -> None:
    assert states(keys) == [("EC", "current"), ("RSA", "current")]
    assert keys.ensure() == ()


def test_a_published_key_has_public_parts_only_and_says_what_it_is_for(keys: EncryptionKeys) -> None:
    for key in keys.load():
        assert key.jwk.keys() <= {"kty", "crv", "x", "y", "n", "e", "use", "alg", "kid"}
        assert key.jwk["use"] == "enc"
        assert key.jwk["kid"] == key.kid
        assert "private" not in repr(key)


def test_a_rotated_key_is_former_for_a_week_and_then_destroyed(keys: EncryptionKeys, clock: TurnedClock) -> None:
    first = {key.kid for key in keys.load()}
    clock.seconds += PERIOD
    made = keys.rotate_due(PERIOD)
    assert {key.state for key in made} == {EncryptionKeyState.CURRENT}
    assert states(keys) == [("EC", "current"), ("EC", "former"), ("RSA", "current"), ("RSA", "former")]
    clock.seconds += KEPT_FOR - 1
    assert keys.rotate_due(PERIOD) == ()
    assert all(key.private for key in keys.load())
    clock.seconds += 1
    assert {key.kid for key in keys.rotate_due(PERIOD)} == first
    assert {key.kid for key in keys.load() if not key.private} == first
    assert keys.rotate_due(PERIOD) == ()


def test_nothing_is_renewed_by_schedule_when_keys_are_rotated_by_hand(keys: EncryptionKeys, clock: TurnedClock) -> None:
    clock.seconds += 10 * PERIOD
    assert keys.rotate_due(0) == ()
    assert {key.kind for key in keys.rotate()} == set(KINDS)


def test_another_process_sees_the_same_keys(place: Place, keys: EncryptionKeys, clock: TurnedClock) -> None:
    other = place.open(clock).encryption_keys
    before = other.fingerprint()
    keys.rotate()
    assert other.fingerprint() != before
    assert other.load() == keys.load()


def test_the_key_set_has_the_current_keys_alone_a_second_after_a_change(
    keystore: DocumentKeystore, clock: TurnedClock
) -> None:
    def published() -> set[str]:
        return {key["kid"] for key in json.loads(signer.jwks())["keys"] if key["use"] == "enc"}

    signer = keystore.token_signer()
    assert published() == {key.kid for key in keystore.encryption_keys.load()}
    clock.seconds += 1
    made = {key.kid for key in keystore.encryption_keys.rotate()}
    clock.seconds += 1
    assert published() == made


def test_of_fifty_nodes_that_find_a_key_due_one_renews_it(keys: EncryptionKeys, clock: TurnedClock) -> None:
    clock.seconds += PERIOD
    with ThreadPoolExecutor(8) as pool:
        changed = list(pool.map(lambda _: keys.rotate_due(PERIOD), range(50)))
    assert sum(len(each) for each in changed) == len(KINDS)
