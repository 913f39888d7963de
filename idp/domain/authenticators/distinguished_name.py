"""Distinguished names as text (RFC 4514), read so that two spellings of one name are equal.

Types are told by number, so that `emailAddress` and `1.2.840.113549.1.9.1` are the same. Values are compared as
directories do (RFC 4517 section 4.2.11, caseIgnoreMatch, prepared as in RFC 4518): without regard to case, composition
and repeated spaces.
"""

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

DistinguishedName = tuple[frozenset[tuple[str, str]], ...]
"""Relative names in the order of the certificate (the root first), each a set of type and prepared value."""

_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        # RFC 4514 section 3, and what else is common in certificates.
        "CN": "2.5.4.3",
        "L": "2.5.4.7",
        "ST": "2.5.4.8",
        "O": "2.5.4.10",
        "OU": "2.5.4.11",
        "C": "2.5.4.6",
        "STREET": "2.5.4.9",
        "DC": "0.9.2342.19200300.100.1.25",
        "UID": "0.9.2342.19200300.100.1.1",
        "SN": "2.5.4.4",
        "GN": "2.5.4.42",
        "TITLE": "2.5.4.12",
        "SERIALNUMBER": "2.5.4.5",
        "EMAILADDRESS": "1.2.840.113549.1.9.1",
        "ORGANIZATIONIDENTIFIER": "2.5.4.97",
        "BUSINESSCATEGORY": "2.5.4.15",
    }
)
_TYPE: Final = re.compile(r" *([A-Za-z][A-Za-z0-9-]*|[0-9]+(?:\.[0-9]+)+) *= *")
_LONGEST: Final = 1024


def read_distinguished_name(text: str) -> DistinguishedName:
    """Return a name written as RFC 4514 section 3 says. Raises `ValueError`.

    A value in hexadecimal (`#…`) is refused: nobody could see what it stands for.
    """
    if not text or len(text) > _LONGEST:
        raise ValueError("a distinguished name has 1 to 1024 characters")
    relative: list[frozenset[tuple[str, str]]] = []
    parts: list[tuple[str, str]] = []
    position = 0
    while True:
        part, position = _attribute(text, position)
        parts.append(part)
        separator = text[position : position + 1]
        if separator != "+":
            relative.append(frozenset(parts))
            parts = []
        if not separator:
            return tuple(reversed(relative))
        position += 1


def prepared_value(value: str) -> str:
    """Return a value as it is compared."""
    return " ".join(unicodedata.normalize("NFKC", value).casefold().split())


def _attribute(text: str, position: int) -> tuple[tuple[str, str], int]:
    match = _TYPE.match(text, position)
    if match is None:
        raise ValueError("every part of a distinguished name is TYPE=value")
    kind = match[1] if "." in match[1] else _TYPES.get(match[1].upper())
    if kind is None:
        raise ValueError(f"the type {match[1]} is unknown: write it as numbers with dots")
    value, position = _value(text, match.end())
    prepared = prepared_value(value)
    if not prepared:
        raise ValueError("a value of a distinguished name is empty")
    return (kind, prepared), position


def _value(text: str, position: int) -> tuple[str, int]:
    """Return the value that begins at a position, and where it ends."""
    raw = bytearray()
    while position < len(text) and text[position] not in ",+;":
        character = text[position]
        if character == "\\":
            escaped, position = _escaped(text, position + 1)
            raw += escaped
            continue
        if character in '"<>\0' or (character == "#" and not raw):
            raise ValueError("a special character stands in a value without a backslash")
        raw += character.encode(errors="strict")
        position += 1
    if text[position : position + 1] == ";":
        raise ValueError("a special character stands in a value without a backslash")
    try:
        return raw.decode(), position
    except UnicodeDecodeError:
        raise ValueError("a value is not UTF-8") from None


def _escaped(text: str, position: int) -> tuple[bytes, int]:
    # RFC 4514 section 2.4: a backslash and two hexadecimal digits, or one special character.
    pair = text[position : position + 2]
    if re.fullmatch("[0-9A-Fa-f]{2}", pair):
        return bytes.fromhex(pair), position + 2
    if pair[:1] and pair[0] in '\\"+,;<>#= ':
        return pair[0].encode(), position + 1
    raise ValueError("a backslash stands before nothing that needs one")
