"""What a new password must be: long enough and not among those that are tried first (NIST SP 800-63B).

No rules of composition and no periodic change. What is counted are characters as typed, in NFC.
"""

import unicodedata
from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from idp.domain.refused_value import RefusedValue

SHORTEST_ALONE: Final = 15
"""Characters of a password that signs in by itself somewhere: level 1 asks for nothing more."""

SHORTEST_WITH_A_SECOND: Final = 8
"""Characters of a password that never counts without a second factor."""

LONGEST: Final = 1024
"""Bytes in UTF-8."""

_FEWEST_DIFFERENT: Final = 4

_TRIED_FIRST: Final = frozenset(
    """
    password passw0rd password1 password12 password123 password1234 password12345 passwordpassword iloveyou iloveyou1
    princess sunshine football baseball basketball superman welcome1 welcome123 whatever trustno1 letmein1 letmein123
    dragon123 monkey123 master123 shadow123 michael1 jennifer jordan23 charlie1 computer internet starwars administrator
    admin123 admin1234 admin12345 admin@123 administrator1 changeme changeme123 default123 secret123 qwerty12 qwerty123
    qwerty1234 qwertyuiop qwertyuiopasdfghjkl 1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qaz2wsx3edc zaq12wsx q1w2e3r4 q1w2e3r4t5
    asdfghjkl asdfghjkl123 zxcvbnm123 zxcvbnm1 a1b2c3d4 abc12345 abcd1234 abcdefgh abc123456 abcd12345 p@ssw0rd
    p@ssword p@ssw0rd1 p@ssw0rd123 p@$$w0rd pa55word passwort correcthorsebatterystaple
    matkhau1 matkhau12 matkhau123 matkhau1234 matkhau12345 matkhau123456 matkhaumatkhau mậtkhẩu123 anhyeuem anhyeuem1
    anhyeuem123 emyeuanh emyeuanh123 iloveyou123 yeuanhmai yeuemmai yeuemnhieu khongbiet khongco123 khongcopass
    vietnam123 vietnam1 vietnam2025 vietnam2026 vietnamvietnam hanoi123 saigon123 saigon2026 hochiminh hochiminh1
    bachkhoa123 nguyenvan nguyenvana nguyenvan123 nguyenthi123 tranvan123 conyeume conyeu123 giadinh123 taikhoan123
    dichvucong dichvucong123 vneid123 vneid1234 canbo123 canbo1234 canbo2025 canbo2026 xinchao123 chaoban123 chucmung
    """.split()  # noqa: SIM905 -- a list of words is read as words
)


class RefusedPassword(RefusedValue):
    """A password that cannot be chosen; `code` is `password_short`, `password_long` or `password_common`."""


def check_new_password(password: str, *, shortest: int = SHORTEST_ALONE, about: Iterable[str] = ()) -> None:
    """Raise `RefusedPassword` for a password nobody should choose. `about` are words that others connect with one."""
    text = unicodedata.normalize("NFC", password)
    if len(text) < shortest:
        raise RefusedPassword("password_short", "The password is too short.")
    if len(text.encode(errors="surrogatepass")) > LONGEST or "\0" in text or not text.isprintable():
        raise RefusedPassword("password_long", "The password is too long, or has characters that cannot be typed.")
    if _is_tried_first(text.casefold(), {word.casefold() for word in about if word}):
        raise RefusedPassword("password_common", "The password is among those that are tried first.")


def _is_tried_first(text: str, about: set[str]) -> bool:
    bare = "".join(text.split())
    if text in _TRIED_FIRST or bare in _TRIED_FIRST or bare in about or len(set(bare)) < _FEWEST_DIFFERENT:
        return True
    return _repeats(bare) or _counts(bare)


def _repeats(text: str) -> bool:
    """Whether the text is something short over and over: nobody has to guess more than that."""
    parts = (text[:length] for length in range(1, len(text) // 2 + 1))
    return any(
        text == (part * len(text))[: len(text)] and (len(part) < _FEWEST_DIFFERENT or part in _TRIED_FIRST)
        for part in parts
    )


def _counts(text: str) -> bool:
    """Whether each character follows the one before, up or down."""
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    return steps in ({1}, {-1})
