"""Realistic people who do not exist, as JSON lines for `idp import`: the same for the same seed, unique in everything.

Every value is drawn from one wide random number per person and written without a serialiser, since a million people
should take seconds. Nothing here needs escaping in JSON.
"""

import base64
import hashlib
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from idp.cli.sample_names import FAMILY_NAMES, GIVEN_NAMES, MIDDLE_NAMES, PROVINCES, STREETS, WARDS
from idp.domain.people.birthplaces import PROVINCES as BIRTHPLACES
from idp.domain.people.vietnamese_collation import fold_marks

PASSWORD: Final = "mat khau dung thu 2026"
"""What every sample person signs in with."""

REFERENCE_YEAR: Final = 2026
_DISTINCT_HASHES: Final = 4
_FAMILIES: Final = tuple(name for name, share in FAMILY_NAMES for _ in range(share))
_PLACES: Final = tuple(BIRTHPLACES)
_YOUNGEST: Final = REFERENCE_YEAR - 6
_OF_AGE: Final = REFERENCE_YEAR - 14
_YEARS: Final = 85
# Both are prime to their ranges, so that stepping by them visits every number once.
_SERIAL_STEP, _SERIALS = 611_953, 1_000_000
_PHONE_STEP, _PHONES = 313_372_037, 500_000_000
_MOBILE_PREFIXES: Final = "35789"


def sample_lines(people: int, seed: int) -> Iterator[bytes]:
    """Yield `people` lines, each with its line feed."""
    generator = random.Random(seed)  # noqa: S311 - sample data, not secrets
    hashes = password_hashes(seed)
    serials: Counter[str] = Counter()
    slugs = _slugs()
    start = generator.randrange(_PHONES)
    for position in range(people):
        bits = generator.getrandbits(192)
        yield _line(position, bits, serials, slugs, (start + position * _PHONE_STEP) % _PHONES, hashes)


def password_hashes(seed: int) -> tuple[str, ...]:
    """Return a few argon2id PHC strings of `PASSWORD`, their salts made from the seed."""
    from argon2.low_level import Type, hash_secret

    salts = [hashlib.sha256(f"sample {seed} {number}".encode()).digest()[:16] for number in range(_DISTINCT_HASHES)]
    return tuple(
        hash_secret(PASSWORD.encode(), salt, time_cost=2, memory_cost=19456, parallelism=1, hash_len=32, type=Type.ID)
        .decode("ascii")
        for salt in salts
    )  # fmt: skip


def _slugs() -> Mapping[str, str]:
    names = {*_FAMILIES, *GIVEN_NAMES["male"], *GIVEN_NAMES["female"]}
    return {name: fold_marks(name).replace(" ", "") for name in names}


def _line(
    position: int, bits: int, serials: Counter[str], slugs: Mapping[str, str], phone: int, hashes: tuple[str, ...]
) -> bytes:
    """Write one person; each field takes its own bits of the random number."""
    sex = "female" if bits & 1 else "male"
    year = _YOUNGEST - (bits >> 1 & 0xFFFF) % _YEARS
    family = _FAMILIES[(bits >> 17 & 0xFFFF) % len(_FAMILIES)]
    middles, givens = MIDDLE_NAMES[sex], GIVEN_NAMES[sex]
    middle, given = middles[(bits >> 33 & 0xFF) % len(middles)], givens[(bits >> 41 & 0xFF) % len(givens)]
    prefix = f"{_PLACES[(bits >> 49 & 0xFF) % len(_PLACES)]}{_century_digit(year) + (bits & 1)}{year % 100:02}"
    serials[prefix] += 1
    serial = (serials[prefix] * _SERIAL_STEP + int(prefix)) % _SERIALS
    grown = year <= _OF_AGE
    level = (2, 2, 2, 2, 2, 2, 1, 0)[bits >> 57 & 7] if grown else 1
    line = (
        f'{{"people":{{"personal_number":"{prefix}{serial:06}","name":"{family} {middle} {given}",'
        f'"family_name":"{family}","middle_name":"{middle}","given_name":"{given}",'
        f'"birthdate":"{year}-{(bits >> 60 & 0xFF) % 12 + 1:02}-{(bits >> 68 & 0xFF) % 28 + 1:02}",'
        f'"gender":"{sex}","level":{level},"address":{_address(bits >> 76)}'
    )
    if grown:
        line += f',"phone_number":"+84{_MOBILE_PREFIXES[phone // 100_000_000]}{phone % 100_000_000:08}"'
        if bits >> 110 & 3:
            line += f',"email":"{slugs[given]}.{slugs[family]}.{position + 1}@example.vn"'
        line += f',"password_hash":"{hashes[bits >> 113 & 3]}"'
        if not bits >> 115 & 3:
            line += f',"totp_secret":"{base64.b32encode((bits >> 112).to_bytes(10)).decode()}"'
    return f"{line}}}}}\n".encode()


def _century_digit(year: int) -> int:
    """Return the fourth digit of a man's personal number; a woman's is one more."""
    return (year // 100 - 19) * 2


def _address(bits: int) -> str:
    number, street = (bits & 0xFF) % 250 + 1, STREETS[bits >> 8 & 15]
    ward, province = WARDS[bits >> 12 & 15], PROVINCES[(bits >> 16 & 0xFF) % len(PROVINCES)]
    return (
        f'{{"formatted":"{number} {street}, {ward}, {province}","street_address":"{number} {street}",'
        f'"locality":"{ward}","region":"{province}","country":"VN"}}'
    )
