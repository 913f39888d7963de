from base64 import urlsafe_b64decode
from hashlib import sha256

import pytest

from idp.protocol.refresh_token import read_refresh_token
from tests.protocol.world import World


def test_a_token_holds_a_family_and_a_turn_and_only_their_hashes_are_kept(world: World) -> None:
    token, hashes = world.refresh_tokens.begin()
    raw = urlsafe_b64decode(token + "==")
    assert len(raw) == 64
    assert hashes.family == sha256(raw[:32]).digest()
    assert hashes.turn == sha256(raw[32:]).digest()


def test_a_token_is_read_back(world: World) -> None:
    token, hashes = world.refresh_tokens.begin()
    presented = read_refresh_token(token)
    assert presented is not None
    assert presented.hashes == hashes


def test_the_successor_keeps_the_family_and_has_another_turn(world: World) -> None:
    token, hashes = world.refresh_tokens.begin()
    presented = read_refresh_token(token)
    assert presented is not None
    successor, turn = world.refresh_tokens.succeed(presented)
    read = read_refresh_token(successor)
    assert read is not None
    assert read.hashes.family == hashes.family
    assert read.hashes.turn == turn != hashes.turn


@pytest.mark.parametrize(
    "token", ["", "x", "A" * 85, "A" * 87, "=" * 86, "." * 86, "é" * 86, "A" * 84 + "\n=", "A" + "." * 85]
)
def test_what_is_not_of_the_form_is_no_refresh_token(token: str) -> None:
    assert read_refresh_token(token) is None


def test_a_token_has_one_spelling(world: World) -> None:
    token, _ = world.refresh_tokens.begin()
    # The last character carries four bits that decoding drops.
    spellings = [token[:-1] + last for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"]
    assert [spelling for spelling in spellings if read_refresh_token(spelling)] == [
        spelling for spelling in spellings if spelling[-1] in "AQgw"
    ]
    assert token[-1] in "AQgw"
