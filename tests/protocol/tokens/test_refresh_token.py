from base64 import urlsafe_b64decode
from hashlib import sha256

import pytest

from idp.domain.grants.grant import RefreshHashes
from idp.domain.ids import GrantId
from idp.protocol.tokens.refresh_token import read_refresh_token
from tests.protocol.world import World

GRANT = GrantId("0b98019d0000000070008000000000000001")


def test_a_token_holds_a_family_and_a_turn_and_only_their_hashes_are_kept(world: World) -> None:
    token, hashes = world.refresh_tokens.begin(GRANT)
    raw = urlsafe_b64decode(token + "==")
    assert len(raw) == 64
    assert hashes.family == sha256(raw[:32]).digest()
    assert hashes.turn == sha256(raw[32:]).digest()


def test_a_family_begins_as_its_grant_s_identifier_does_and_ends_at_random(world: World) -> None:
    tokens = [world.refresh_tokens.begin(GRANT) for _ in range(2)]
    families = [urlsafe_b64decode(token + "==")[:32] for token, _ in tokens]
    assert [family[:2].hex() for family in families] == ["0b98", "0b98"]
    assert len({family[2:] for family in families}) == 2
    presented = read_refresh_token(tokens[0][0])
    assert presented is not None
    assert presented.hashes.prefix == "0b98"


def test_where_to_look_makes_no_difference_to_which_token_it_is(world: World) -> None:
    _, hashes = world.refresh_tokens.begin(GRANT)
    assert hashes == RefreshHashes(hashes.family, hashes.turn)


def test_a_token_is_read_back(world: World) -> None:
    token, hashes = world.refresh_tokens.begin(GRANT)
    presented = read_refresh_token(token)
    assert presented is not None
    assert presented.hashes == hashes


def test_the_successor_keeps_the_family_and_has_another_turn(world: World) -> None:
    token, hashes = world.refresh_tokens.begin(GRANT)
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
    token, _ = world.refresh_tokens.begin(GRANT)
    # The last character carries four bits that decoding drops.
    spellings = [token[:-1] + last for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"]
    assert [spelling for spelling in spellings if read_refresh_token(spelling)] == [
        spelling for spelling in spellings if spelling[-1] in "AQgw"
    ]
    assert token[-1] in "AQgw"
