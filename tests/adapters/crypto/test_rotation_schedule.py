import pytest

from idp.adapters.crypto.rotation_schedule import ANNOUNCED_FOR, next_rotation
from idp.adapters.crypto.signing_key import KeyState, SigningKey
from idp.domain.ids import Seconds

DAY = 24 * 3600
PERIOD = 90 * DAY


def key(state: KeyState, since: int) -> SigningKey:
    return SigningKey(f"{state}-{since}", "ES256", state, Seconds(since), Seconds(since), {}, b"")


def test_a_key_hands_over_when_it_has_signed_for_the_period() -> None:
    assert next_rotation([key(KeyState.SIGNING, 100), key(KeyState.NEXT, 100)], PERIOD) == 100 + PERIOD


def test_never_before_the_next_key_was_published_for_a_day() -> None:
    late = 100 + PERIOD - 10
    assert next_rotation([key(KeyState.SIGNING, 100), key(KeyState.NEXT, late)], PERIOD) == late + ANNOUNCED_FOR


def test_of_two_next_keys_the_older_one_counts() -> None:
    keys = [key(KeyState.SIGNING, 100), key(KeyState.NEXT, 200), key(KeyState.NEXT, 100 + PERIOD)]
    assert next_rotation(keys, PERIOD) == 100 + PERIOD


def test_of_two_signing_keys_the_newer_one_counts() -> None:
    keys = [key(KeyState.SIGNING, 100), key(KeyState.SIGNING, 500), key(KeyState.NEXT, 100)]
    assert next_rotation(keys, PERIOD) == 500 + PERIOD


@pytest.mark.parametrize("missing", [KeyState.SIGNING, KeyState.NEXT])
def test_without_a_signing_and_a_next_key_there_is_nothing_to_rotate(missing: KeyState) -> None:
    there = KeyState.NEXT if missing is KeyState.SIGNING else KeyState.SIGNING
    assert next_rotation([key(there, 100), key(KeyState.PUBLISHED, 50), key(KeyState.GONE, 1)], PERIOD) is None


def test_a_period_of_zero_never_rotates() -> None:
    assert next_rotation([key(KeyState.SIGNING, 100), key(KeyState.NEXT, 100)], 0) is None


def test_the_announcement_outlasts_our_own_cache_header_and_clocks_an_hour_wrong_on_both_sides() -> None:
    assert ANNOUNCED_FOR - 2 * 3600 > 300
