"""Names of people and organisations: kept whole and in Unicode NFC, as Vietnamese civil-status records write them."""

import unicodedata
from typing import Final, NewType

from idp.domain.invisible_characters import has_invisible
from idp.domain.refused_value import RefusedName

Name = NewType("Name", str)

_LONGEST: Final = 256
_REFUSED_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Zero-width joiner and non-joiner shape letters in some scripts; every other format character only hides something.
_JOINERS: Final = frozenset({"\u200c", "\u200d"})


def parse_name(text: str) -> Name:
    """Return the name in NFC, without spaces around it and with single spaces inside.

    Raises `RefusedName` when it is empty, longer than 256 characters, or has characters that cannot be seen.
    """
    if len(text) > _LONGEST:
        raise RefusedName("name_length", "A name has at most 256 characters.")
    name = unicodedata.normalize("NFC", text)
    if not name.isascii() or not name.isprintable():
        _check_seen(name)
    name = " ".join(name.split())
    if not name:
        raise RefusedName("name_empty", "A name has at least one character.")
    if not any(character.isalpha() for character in name):
        raise RefusedName("name_letters", "A name has at least one letter.")
    return Name(name)


def _check_seen(name: str) -> None:
    """Raise `RefusedName` for a character that cannot be seen and shapes no letter."""
    seen = "".join(character for character in name if character not in _JOINERS)
    if has_invisible(seen) or any(unicodedata.category(character) in _REFUSED_CATEGORIES for character in seen):
        raise RefusedName("name_control_character", "A name has no control or invisible characters.")
