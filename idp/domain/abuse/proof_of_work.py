"""Proof of work by partial hash inversion (hashcash): costly to make, one hash to check.

The work is a number, in decimal, for which SHA-256 of the puzzle's name followed by it begins with zero bits; the name
is the SHA-256 of the puzzle in hexadecimal: 64 characters, one block, so that each try is one more block.
"""

from hashlib import sha256
from typing import Final

LONGEST_SOLUTION: Final = 16
"""Digits."""

_DIGEST_BITS: Final = 256


class WrongWorkError(Exception):
    """The solution does not solve the puzzle."""


def check_work(puzzle: str, solution: str, bits: int) -> None:
    """Raise `WrongWorkError` unless the solution begins with `bits` zero bits or more."""
    if not (solution.isascii() and solution.isdigit() and len(solution) <= LONGEST_SOLUTION):
        raise WrongWorkError
    if leading_zero_bits(_digest(puzzle_name(puzzle), solution)) < bits:
        raise WrongWorkError


def puzzle_name(puzzle: str) -> str:
    """The name that the puzzle is hashed by."""
    return sha256(puzzle.encode()).hexdigest()


def solve(puzzle: str, bits: int) -> str:
    """Return a solution, as a browser finds it: after 2 to the `bits` hashes on average."""
    name = puzzle_name(puzzle)
    number = 0
    while leading_zero_bits(_digest(name, str(number))) < bits:
        number += 1
    return str(number)


def leading_zero_bits(digest: bytes) -> int:
    """How many bits are zero before the first that is not."""
    return _DIGEST_BITS - int.from_bytes(digest, "big").bit_length()


def _digest(name: str, solution: str) -> bytes:
    return sha256(f"{name}{solution}".encode()).digest()
