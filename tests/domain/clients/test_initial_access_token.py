from dataclasses import replace

import pytest

from idp.domain.clients.initial_access_token import InitialAccessToken
from idp.domain.ids import Seconds, TokenHash

TOKEN = InitialAccessToken("t", TokenHash(b"h"), "", Seconds(100), Seconds(200), uses_left=1)


def test_a_token_is_live_until_it_expires() -> None:
    assert TOKEN.is_live(Seconds(199))
    assert not TOKEN.is_live(Seconds(200))


@pytest.mark.parametrize("over", [replace(TOKEN, uses_left=0), replace(TOKEN, revoked_at=Seconds(150))])
def test_a_token_that_was_used_up_or_revoked_is_not_live(over: InitialAccessToken) -> None:
    assert not over.is_live(Seconds(150))


def test_a_token_says_what_became_of_it() -> None:
    assert TOKEN.state(Seconds(150)) == "usable"
    assert TOKEN.state(Seconds(200)) == "expired"
    assert replace(TOKEN, uses_left=0).state(Seconds(200)) == "used up"
    assert replace(TOKEN, revoked_at=Seconds(150)).state(Seconds(150)) == "revoked"


def test_the_hash_is_not_shown() -> None:
    assert "token_hash" not in repr(TOKEN)
