import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.adapters.crypto.sealing import Sealer, UnsealError

SEALER = Sealer(bytes(32))


@given(st.binary(max_size=64), st.binary(max_size=200))
def test_a_value_opens_under_its_own_key_and_context(context: bytes, value: bytes) -> None:
    assert SEALER.unseal(context, SEALER.seal(context, value)) == value


def test_sealing_the_same_value_twice_shows_nothing_in_common() -> None:
    assert SEALER.seal(b"row", b"value") != SEALER.seal(b"row", b"value")
    assert b"value" not in SEALER.seal(b"row", b"value")


def test_another_key_or_context_opens_nothing() -> None:
    sealed = SEALER.seal(b"row 1", b"value")
    with pytest.raises(UnsealError):
        SEALER.unseal(b"row 2", sealed)
    with pytest.raises(UnsealError):
        Sealer(b"\1" * 32).unseal(b"row 1", sealed)


@given(st.integers(min_value=0, max_value=33), st.integers(min_value=1, max_value=255))
def test_a_value_with_any_byte_changed_does_not_open(position: int, change: int) -> None:
    sealed = bytearray(SEALER.seal(b"row", b"value"))
    sealed[position] ^= change
    with pytest.raises(UnsealError):
        SEALER.unseal(b"row", bytes(sealed))


@given(st.binary(max_size=40))
def test_garbage_does_not_open(garbage: bytes) -> None:
    with pytest.raises(UnsealError):
        SEALER.unseal(b"row", garbage)


def test_a_sealer_shows_no_key() -> None:
    assert "AAAA" not in repr(Sealer(b"A" * 32))
