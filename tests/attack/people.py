"""The people of an attack run: accounts, their owners, and the list of pairs that somebody bought."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import argon2

from tests.server import TOTP_SECRET

PASSWORD = "their own long password"
ARGON2 = "m=19456,t=2,p=1"
ACCOUNTS = 1200
OWNERS = 400
"""The first of the accounts: their owners sign in during the attack. Their passwords are in no list."""

GUESSED = "001099900001"
"""Somebody whose password is known to the attacker, and who has a second factor."""

RIGHT = 0.02
"""Of the pairs, how many are right: published lists have fewer."""

NOBODY = 0.2
"""Of the pairs, how many name nobody here."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A name and a password that may be its."""

    username: str
    password: str


def personal_number(number: int) -> str:
    """The personal number of the account with this number."""
    return f"001099{number:06}"


def write_records(path: Path) -> None:
    """Write the accounts as the bulk import reads them; all have one password, hashed once at the cost of operation."""
    hasher = argon2.PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1, hash_len=32, salt_len=16)
    hashed = hasher.hash(PASSWORD)
    with path.open("w", encoding="utf-8") as file:
        for number in range(ACCOUNTS):
            record = {"personal_number": personal_number(number), "name": f"Người Thử {number}", "level": 2}
            file.write(json.dumps({"people": record | {"password_hash": hashed}}, ensure_ascii=False) + "\n")
        guessed = {"personal_number": GUESSED, "name": "Người Bị Dò", "level": 2, "totp_secret": TOTP_SECRET}
        file.write(json.dumps({"people": guessed | {"password_hash": hashed}}, ensure_ascii=False) + "\n")


def bought_pairs(count: int, seed: int) -> Iterator[Pair]:
    """Yield the list: mostly wrong passwords of people who are here, every owner among them."""
    generator = random.Random(seed)
    for number in range(count):
        drawn = generator.random()
        if drawn < RIGHT:
            yield Pair(personal_number(generator.randrange(OWNERS, ACCOUNTS)), PASSWORD)
        elif drawn < RIGHT + NOBODY:
            yield Pair(personal_number(500_000 + generator.randrange(400_000)), f"leaked {number}")
        else:
            yield Pair(personal_number(generator.randrange(ACCOUNTS)), f"leaked {number}")
