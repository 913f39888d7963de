"""Names of people and organisations: kept whole and in Unicode NFC, as Vietnamese civil-status records write them."""

import unicodedata
from typing import Final, NewType

from idp.domain.refused_value import RefusedName
from idp.domain.values import dataclass

Name = NewType("Name", str)

_LONGEST: Final = 256
_REFUSED_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Zero-width joiner and non-joiner shape letters in some scripts; every other format character only hides something.
_JOINERS: Final = frozenset({"\u200c", "\u200d"})


@dataclass(frozen=True, slots=True)
class PersonName:
    """A person's name: the whole is authoritative, the parts are what the source told about it."""

    full: Name
    family: Name | None = None
    middle: Name | None = None
    given: Name | None = None


def parse_name(text: str) -> Name:
    """Return the name in NFC, without spaces around it and with single spaces inside.

    Raises `RefusedName` when it is empty, longer than 256 characters, or has characters that cannot be seen.
    """
    if len(text) > _LONGEST:
        raise RefusedName("name_length", "A name has at most 256 characters.")
    name = unicodedata.normalize("NFC", text)
    if not name.isprintable() and any(_is_hidden(character) for character in name):
        raise RefusedName("name_control_character", "A name has no control or invisible characters.")
    name = " ".join(name.split())
    if not name:
        raise RefusedName("name_empty", "A name has at least one character.")
    if not any(character.isalpha() for character in name):
        raise RefusedName("name_letters", "A name has at least one letter.")
    return Name(name)


def parse_person_name(
    full: str, *, family: str | None = None, middle: str | None = None, given: str | None = None
) -> PersonName:
    """Return the name with the parts that were told; a missing part is never guessed from the whole.

    Raises `RefusedName` as `parse_name` does.
    """
    return PersonName(
        full=parse_name(full),
        family=None if family is None else parse_name(family),
        middle=None if middle is None else parse_name(middle),
        given=None if given is None else parse_name(given),
    )


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in _REFUSED_CATEGORIES and character not in _JOINERS
