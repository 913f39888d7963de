"""How soon a password is guessed by somebody who tries what people choose: words, names, dates, rows of keys.

A password is read as a chain of parts, each worth a power of ten of guesses; the cheapest reading counts. Tone marks,
capitals and the usual stand-ins for letters (`@`, `0`, `$`) add nothing: everybody who guesses tries them.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import Final

FEWEST_GUESSES: Final = 8.0
"""A password worth less, as a power of ten, is guessed before the throttles have tired anybody out."""

Holds = Callable[[str], bool]
"""Whether a word is one of those that people choose, in lower case without tone marks."""

LOOKED_AT: Final = 64
"""Characters of a password that are read: whatever follows makes no worse one of a good beginning."""

_WORD: Final = 4.0
_OWN: Final = 1.0
_DATE: Final = 3.0
_YEAR: Final = 2.0
_ROW: Final = 1.5
_DIGIT: Final = 1.0
_OTHER: Final = 1.5
_SHORTEST_WORD: Final = 3
_LONGEST_WORD: Final = 32
_SHORTEST_ROW: Final = 3

_SIGNS: Final = str.maketrans("@!$+", "aist")
_SIGNS_AND_DIGITS: Final = str.maketrans("@!$+403157", "aistaoeist")
_ROWS: Final = (
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "1qaz2wsx3edc4rfv5tgb6yhn",
    "1q2w3e4r5t6y7u8i9o0p",
)
_DATES: Final = (
    (re.compile(r"(?:19|20)\d\d"), _YEAR),
    (re.compile(r"(?:0?[1-9]|[12]\d|3[01])[-/.]?(?:0?[1-9]|1[0-2])[-/.]?(?:19|20)\d\d"), _DATE),
    (re.compile(r"(?:0[1-9]|[12]\d|3[01])[-/.]?(?:0[1-9]|1[0-2])[-/.]?\d\d"), _DATE),
    (re.compile(r"(?:19|20)\d\d[-/.]?(?:0[1-9]|1[0-2])[-/.]?(?:0[1-9]|[12]\d|3[01])"), _DATE),
)
_ROW_PIECES: Final = frozenset(
    row[start : start + length]
    for row in (*_ROWS, *(row[::-1] for row in _ROWS))
    for length in range(_SHORTEST_ROW, len(row) + 1)
    for start in range(len(row) - length + 1)
)


def plain(text: str) -> str:
    """Return a text in lower case without tone marks and white space, as words are compared."""
    parts = unicodedata.normalize("NFKD", text.casefold()).replace("đ", "d")
    return "".join(letter for letter in parts if not unicodedata.combining(letter) and not letter.isspace())


def guesses(password: str, holds: Holds, about: Iterable[str] = ()) -> float:
    """Return the power of ten of guesses that find a password. `about` are words that others connect with its owner."""
    text = _once(plain(password))[:LOOKED_AT]
    own = frozenset(word for each in about for word in (plain(each), *map(plain, each.split())) if len(word) > 1)
    # A year stays one where only signs stand in for letters.
    readings = dict.fromkeys((text, text.translate(_SIGNS), text.translate(_SIGNS_AND_DIGITS)))
    return min(_cheapest(each, holds, own) for each in readings)


def _once(text: str) -> str:
    """A text that is something over and over, once: nobody has to guess more than that."""
    again = (text + text).find(text, 1)
    return text[:again] if 0 < again < len(text) else text


def _cheapest(text: str, holds: Holds, own: frozenset[str]) -> float:
    """The cheapest chain of parts, found from the front."""
    best = [0.0] + [float("inf")] * len(text)
    seen: dict[str, float] = {}
    for start in range(len(text)):
        for length, cost in _parts(text, start, holds, own):
            part = text[start : start + length]
            again = _OWN if part in seen and length > 1 else cost
            if best[start] + again < best[start + length]:
                best[start + length] = best[start] + again
                if length > 1:
                    seen.setdefault(part, cost)
    return best[-1]


def _parts(text: str, start: int, holds: Holds, own: frozenset[str]) -> Iterator[tuple[int, float]]:
    """Yield the length and the worth of every part that begins at `start`."""
    yield 1, _DIGIT if text[start].isdigit() else _OTHER
    for pattern, cost in _DATES:
        if found := pattern.match(text, start):
            yield found.end() - start, cost
    same = next((at for at in range(start, len(text)) if text[at] != text[start]), len(text)) - start
    if same >= _SHORTEST_ROW:
        yield same, _ROW
    for length in range(2, min(_LONGEST_WORD, len(text) - start) + 1):
        piece = text[start : start + length]
        if piece in own:
            yield length, _OWN
        elif length >= _SHORTEST_WORD and piece in _ROW_PIECES:
            yield length, _ROW
        elif length >= _SHORTEST_WORD and holds(piece):
            yield length, _WORD
