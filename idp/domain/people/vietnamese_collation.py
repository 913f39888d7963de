"""Vietnamese order of names, and the forms of their words under which a search finds them.

The order is that of TCVN 5712 and of dictionaries: the letters `a ă â b c d đ e ê …` first, then the tone marks level,
falling, asking, tumbling, rising, heavy; letters of other languages stand at their usual places.
"""

import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from idp.domain.people.names import Name

_LETTERS: Final = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_RANKS: Final[Mapping[str, int]] = MappingProxyType({letter: rank for rank, letter in enumerate(_LETTERS, start=2)})
_SPACE_RANK: Final = 0
_SPACE: Final = (_SPACE_RANK, 0)
_OTHER_RANK: Final = 1
_TONES: Final[Mapping[str, int]] = MappingProxyType({"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5})

CollationKey = tuple[tuple[tuple[int, int], ...], tuple[int, ...]]


def collation_key(text: str) -> CollationKey:
    """Return a key that sorts text in Vietnamese order, letters before tones; upper and lower case are equal."""
    first, *others = unicodedata.normalize("NFC", text.lower()).split(" ")
    ranks, tones = _word_key(first)
    for word in others:
        more_ranks, more_tones = _word_key(word)
        ranks, tones = (*ranks, _SPACE, *more_ranks), (*tones, 0, *more_tones)
    return ranks, tones


def name_words(name: Name) -> frozenset[str]:
    """Return the search forms of every word: its letters with the tone behind them.

    The tone stands apart from its vowel, so that both spellings in use, `Hòa` and `Hoà`, are found by either.
    """
    return frozenset(_word_with_tone(word) for word in _words(name))


def folded_name_words(name: Name) -> frozenset[str]:
    """Return the search forms of every word as people type it without any marks: `Đường` as `duong`."""
    return frozenset(_folded_word(word) for word in _words(name))


def fold_marks(text: str) -> str:
    """Return the text in lower case without tone and letter marks."""
    decomposed = unicodedata.normalize("NFD", text.lower())
    return "".join(character for character in decomposed if not unicodedata.combining(character)).replace("đ", "d")


@lru_cache(maxsize=8192)
def _word_with_tone(word: str) -> str:
    parts = [_letter_and_tone(character) for character in word]
    return "".join(letter for letter, _ in parts) + str(max((tone for _, tone in parts), default=0))


@lru_cache(maxsize=8192)
def _folded_word(word: str) -> str:
    return fold_marks(word)


def _words(name: str) -> list[str]:
    return unicodedata.normalize("NFC", name.lower()).split()


def _letter_and_tone(character: str) -> tuple[str, int]:
    """Split one composed character into the letter of the alphabet and the number of its tone."""
    if character.isascii():
        return character, 0
    tone = 0
    kept: list[str] = []
    for part in unicodedata.normalize("NFD", character):
        if part in _TONES:
            tone = _TONES[part]
        else:
            kept.append(part)
    if not kept:  # a tone mark with nothing below it
        return character, 0
    return unicodedata.normalize("NFC", "".join(kept)), tone


@lru_cache(maxsize=8192)
def _word_key(word: str) -> CollationKey:
    """Return the key of one word: names are made of few, and a thousand of them are sorted for one page."""
    parts = [_letter_and_tone(character) for character in word]
    return tuple(_rank(letter) for letter, _ in parts), tuple(tone for _, tone in parts)


def _rank(letter: str) -> tuple[int, int]:
    if letter.isspace():
        return _SPACE_RANK, 0
    if letter in _RANKS:
        return _RANKS[letter], 0
    base = fold_marks(letter)
    return _RANKS.get(base, _OTHER_RANK), ord(letter[0])
