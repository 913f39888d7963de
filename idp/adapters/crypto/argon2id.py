"""Whether a password is that of an argon2 hash (RFC 9106): by libsodium where it can, by argon2-cffi where it cannot.

Both give the same answer. libsodium uses the widest vectors that the processor has, which its binary finds out as it
starts, and takes less than half of the time for the arithmetic; it knows argon2id of one lane and a salt of 16 bytes,
which is what this provider makes (docs/decisions/0036-libsodium-compares-passwords.md).
"""

import hmac
from base64 import b64decode
from typing import Final

import argon2
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from argon2.low_level import error_to_str
from nacl.bindings import crypto_pwhash_alg, crypto_pwhash_ALG_ARGON2ID13
from nacl.exceptions import CryptoError

LONGEST_PHC: Final = 512
MOST_MEMORY: Final = 1 << 20
MOST_WORK: Final = 1 << 22
MOST_LANES: Final = 16
"""What a stored hash may cost: characters, KiB, KiB times passes, lanes."""

_SHORTEST_HASH: Final = 16
_LONGEST_HASH: Final = 64
_SODIUM_SALT: Final = 16
_SODIUM_VERSION: Final = 0x13
_SODIUM_MEMORY: Final = 8
"""The least that libsodium takes, in KiB."""

_NO_MEMORY: Final = error_to_str(-22)
"""ARGON2_MEMORY_ALLOCATION_ERROR of argon2.h."""

_hasher: Final = argon2.PasswordHasher()


class UnusableHashError(ValueError):
    """A password hash that is not an argon2 PHC string, or whose parameters would stall the provider."""


def check_password_hash(password_hash: str) -> argon2.Parameters:
    """Raise `UnusableHashError` unless this is an argon2 PHC string that costs at most 1 GiB and 4 GiB of passes."""
    try:
        if len(password_hash) > LONGEST_PHC or not password_hash.isascii():
            raise UnusableHashError("not an argon2 PHC string")
        parameters = argon2.extract_parameters(password_hash)
    except (InvalidHashError, ValueError) as error:
        raise UnusableHashError("not an argon2 PHC string") from error
    if not 1 <= parameters.parallelism <= MOST_LANES or parameters.memory_cost > MOST_MEMORY:
        raise UnusableHashError("needs more memory or lanes than a sign-in may")
    if parameters.time_cost < 1 or parameters.memory_cost * parameters.time_cost > MOST_WORK:
        raise UnusableHashError("needs more passes than a sign-in may")
    if not _SHORTEST_HASH <= parameters.hash_len <= _LONGEST_HASH:
        raise UnusableHashError("has a hash that is too short or too long")
    return parameters


def matches(password_hash: str, password: bytes) -> bool:
    """Return whether `password` is the one that was hashed, in a time that tells nothing of it.

    Raises `UnusableHashError` for what is no hash. Want of memory is no answer: it raises `MemoryError`.
    """
    parameters = check_password_hash(password_hash)
    if not _sodium_knows(parameters):
        return _matches_in_general(password_hash, password)
    salt, known = (phc_bytes(part) for part in password_hash.rsplit("$", 2)[1:])
    cost = parameters.time_cost, parameters.memory_cost * 1024
    try:
        made = crypto_pwhash_alg(len(known), password, salt, *cost, crypto_pwhash_ALG_ARGON2ID13)
    except CryptoError as error:
        raise MemoryError from error
    return hmac.compare_digest(made, known)


def _matches_in_general(password_hash: str, password: bytes) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except VerifyMismatchError:
        return False
    except VerificationError as error:
        if str(error) == _NO_MEMORY:
            raise MemoryError from error
        raise UnusableHashError(str(error)) from error


def _sodium_knows(parameters: argon2.Parameters) -> bool:
    return (
        parameters.type is argon2.Type.ID
        and parameters.version == _SODIUM_VERSION
        and parameters.parallelism == 1
        and parameters.salt_len == _SODIUM_SALT
        and parameters.memory_cost >= _SODIUM_MEMORY
    )


def phc_bytes(part: str) -> bytes:
    """Return what the salt or hash of a PHC string, base64 without padding, stands for. Raises `UnusableHashError`."""
    try:
        return b64decode(part + "=" * (-len(part) % 4), validate=True)
    except ValueError as error:
        raise UnusableHashError("not an argon2 PHC string") from error
