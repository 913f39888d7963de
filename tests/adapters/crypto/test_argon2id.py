import contextlib

import argon2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.bindings import crypto_pwhash_alg
from nacl.exceptions import RuntimeError as SodiumError

from idp.adapters.crypto import argon2id
from idp.adapters.crypto.argon2id import UnusableHashError, check_password_hash, matches

RAW = b"0123456789abcdef"


@pytest.fixture
def by_sodium(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that gets an item for each hash that libsodium makes."""
    made: list[int] = []

    def counted(length: int, password: bytes, salt: bytes, passes: int, memory: int, kind: int) -> bytes:
        made.append(length)
        return crypto_pwhash_alg(length, password, salt, passes, memory, kind)

    monkeypatch.setattr(argon2id, "crypto_pwhash_alg", counted)
    return made


@pytest.mark.parametrize("memory", [8, 9, 64, 19456])
@pytest.mark.parametrize("passes", [1, 2, 3])
@pytest.mark.parametrize("length", [16, 20, 32, 33, 64])
def test_the_shape_that_is_made_here_goes_by_libsodium_with_the_same_answer(
    by_sodium: list[int], memory: int, passes: int, length: int
) -> None:
    hasher = argon2.PasswordHasher(time_cost=passes, memory_cost=memory, parallelism=1, hash_len=length)
    known = hasher.hash("mật khẩu")
    assert matches(known, "mật khẩu".encode())
    assert not matches(known, "Mật khẩu".encode())
    assert by_sodium == [length, length]


@pytest.mark.parametrize(
    ("kind", "lanes", "memory", "salt"),
    [
        (argon2.Type.I, 1, 64, RAW),
        (argon2.Type.D, 1, 64, RAW),
        (argon2.Type.ID, 2, 64, RAW),
        (argon2.Type.ID, 4, 64, RAW[:8]),
        (argon2.Type.ID, 1, 64, RAW[:8]),
        (argon2.Type.ID, 1, 64, RAW + b"x"),
    ],
)
def test_every_other_shape_goes_by_argon2_cffi(
    by_sodium: list[int], kind: argon2.Type, lanes: int, memory: int, salt: bytes
) -> None:
    known = argon2.low_level.hash_secret(b"password", salt, 2, memory, lanes, 32, kind).decode()
    assert matches(known, b"password")
    assert not matches(known, b"Password")
    assert not by_sodium


def test_the_first_version_of_argon2_is_told_apart(by_sodium: list[int]) -> None:
    known = argon2.low_level.hash_secret(b"password", RAW, 2, 64, 1, 32, argon2.Type.ID, version=0x10).decode()
    assert matches(known, b"password")
    assert not matches(known.replace("v=16", "v=19"), b"password")
    assert len(by_sodium) == 1


@given(st.binary(min_size=1, max_size=1024), st.binary(min_size=16, max_size=16), st.binary(max_size=40))
def test_both_libraries_say_the_same(password: bytes, salt: bytes, other: bytes) -> None:
    known = argon2.low_level.hash_secret(password, salt, 1, 8, 1, 32, argon2.Type.ID).decode()
    assert matches(known, password)
    assert matches(known, other) == (other == password)


@pytest.mark.parametrize("place", [-1, -20, -43])
def test_a_hash_with_one_other_character_is_another(place: int) -> None:
    known = argon2.low_level.hash_secret(b"password", RAW, 1, 8, 1, 32, argon2.Type.ID).decode()
    other = "A" if known[place] != "A" else "Q"
    changed = known[:place] + other + (known[place + 1 :] if place != -1 else "")
    assert not matches(changed, b"password")


@pytest.mark.parametrize("part", ["!" * 22, "-" * 22, "A" * 21 + "=", " " + "A" * 21])
def test_a_salt_that_is_not_base64_is_no_hash(part: str) -> None:
    with pytest.raises(UnusableHashError):
        matches(f"$argon2id$v=19$m=64,t=1,p=1${part}${'A' * 43}", b"password")


def test_want_of_memory_is_not_a_wrong_password(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_memory(*_: object) -> bytes:
        raise SodiumError("Unexpected failure in key derivation")

    monkeypatch.setattr(argon2id, "crypto_pwhash_alg", no_memory)
    known = argon2.low_level.hash_secret(b"password", RAW, 1, 8, 1, 32, argon2.Type.ID).decode()
    with pytest.raises(MemoryError):
        matches(known, b"password")


def test_want_of_memory_of_the_other_library_is_not_a_wrong_password_either(monkeypatch: pytest.MonkeyPatch) -> None:
    class Empty:
        def verify(self, _hash: str, _password: bytes) -> bool:
            raise argon2.exceptions.VerificationError(argon2.low_level.error_to_str(-22))

    known = argon2.low_level.hash_secret(b"password", RAW, 1, 64, 2, 32, argon2.Type.ID).decode()
    monkeypatch.setattr(argon2id, "_hasher", Empty())
    with pytest.raises(MemoryError):
        matches(known, b"password")


SALT_AND_HASH = "c29tZXNhbHRzb21lc2FsdA$ZGlnZXN0ZGlnZXN0ZGlnZXN0ZGlnZXN0ZGlnZXN0ZGk"


@pytest.mark.parametrize(
    "password_hash",
    [
        f"$argon2id$v=19$m=1048577,t=1,p=1${SALT_AND_HASH}",
        f"$argon2id$v=19$m=1048576,t=5,p=1${SALT_AND_HASH}",
        f"$argon2id$v=19$m=65536,t=100000,p=1${SALT_AND_HASH}",
        f"$argon2id$v=19$m=65536,t=1,p=200${SALT_AND_HASH}",
        f"$argon2id$v=19$m=65536,t=0,p=1${SALT_AND_HASH}",
        f"$argon2id$v=19$m=65536,t=1,p=0${SALT_AND_HASH}",
        f"$argon2id$v=19$m={'9' * 5000},t=1,p=1${SALT_AND_HASH}",
        "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$AAAA",
        f"$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ${'A' * 200}",
        f"$argon2id$v=19$m=64,t=1,p=1${'A' * 1000}$AAAA",
        "$2b$12$abcdefghijklmnopqrstuu5Lo0g67CiD3M4RpN1BmBb4Crp5w7dbK",
        "$argon2id$v=19$m=64,t=1,p=1",
        "$argon2id$v=19$m=64$a$b",
        "$argon2id$v=19$m=a,t=b,p=c$a$b",
        "plain",
        "",
        "\0",
        "ệ",
    ],
)
def test_a_hash_that_is_none_or_would_stall_the_provider_is_refused(password_hash: str) -> None:
    with pytest.raises(UnusableHashError):
        check_password_hash(password_hash)
    with pytest.raises(UnusableHashError):
        matches(password_hash, b"password")


@given(
    st.one_of(st.text(max_size=80), st.from_regex(r"\$argon2id\$v=\d{1,3}\$m=\d{1,4},t=\d,p=\d\$\w{0,30}\$\w{0,60}"))
)
def test_a_mangled_hash_is_refused_in_one_way_only(text: str) -> None:
    with contextlib.suppress(UnusableHashError):
        check_password_hash(text)
