from hashlib import sha256

from idp.protocol.tokens.remembered_tokens import MOST, RememberedTokens


def digest(number: int) -> bytes:
    return sha256(str(number).encode()).digest()


def test_what_was_remembered_is_told_again() -> None:
    remembered = RememberedTokens[str]()
    assert remembered.get(0, digest(1)) is None
    remembered.put(0, digest(1), "said")
    assert remembered.get(0, digest(1)) == "said"
    assert remembered.get(0, digest(2)) is None


def test_what_other_keys_proved_is_forgotten() -> None:
    remembered = RememberedTokens[str]()
    remembered.put(0, digest(1), "said")
    assert remembered.get(1, digest(1)) is None
    remembered.put(1, digest(2), "said later")
    assert remembered.get(1, digest(1)) is None
    assert remembered.get(0, digest(1)) is None


def test_no_more_is_remembered_than_allowed_and_the_first_goes_first() -> None:
    remembered = RememberedTokens[int](most=3)
    for number in range(5):
        remembered.put(0, digest(number), number)
    assert [remembered.get(0, digest(number)) for number in range(5)] == [None, None, 2, 3, 4]
    remembered.put(0, digest(4), 4)
    assert remembered.get(0, digest(2)) == 2
    assert MOST <= 4096
