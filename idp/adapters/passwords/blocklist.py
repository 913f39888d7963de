"""The list that is shipped: the first bytes of SHA-256 of each word, sorted, so that it is searched as it lies there.

`tests/house/password_words.py` makes the file, and says from what. A word that is not on the list is taken for one in
less than one of ten million cases.
"""

import hashlib
from bisect import bisect_left
from functools import cached_property
from pathlib import Path
from typing import Final

SIZE: Final = 5
"""Bytes kept of each word."""

FILE: Final = Path(__file__).parent / "words.bin"


class ShippedBlocklist:
    """`PasswordBlocklist` over the file, which is read when it is first asked."""

    def holds(self, word: str) -> bool:
        wanted, words = fingerprint(word), self._words
        place = bisect_left(range(len(words) // SIZE), wanted, key=self._at)
        return self._at(place) == wanted

    @cached_property
    def _words(self) -> bytes:
        return FILE.read_bytes()

    def _at(self, number: int) -> bytes:
        return self._words[number * SIZE : (number + 1) * SIZE]


def fingerprint(word: str) -> bytes:
    """Return what is kept of a word."""
    return hashlib.sha256(word.encode(errors="surrogatepass")).digest()[:SIZE]
