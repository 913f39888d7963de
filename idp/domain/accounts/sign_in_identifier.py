"""Sign-in identifiers: whatever a person types into the `username` field, as the one string it is looked up by.

Identifiers are unique across kinds: a personal number, a verified phone number, a verified e-mail address and an
officer's username never share a canonical string unless they mean the same account.
"""

import re
import unicodedata
from enum import StrEnum
from typing import Final, NewType

from idp.domain.accounts.email_address import comparable_email_address, parse_email_address
from idp.domain.accounts.phone_number import parse_phone_number
from idp.domain.invisible_characters import has_invisible
from idp.domain.people.personal_number import parse_legacy_personal_number, parse_personal_number
from idp.domain.refused_value import RefusedIdentifier
from idp.domain.values import dataclass

CanonicalIdentifier = NewType("CanonicalIdentifier", str)

_LONGEST_INPUT: Final = 320
_USERNAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9._-]{1,62}[a-z0-9])")
_NUMBER: Final = re.compile(r"\+?[0-9 .()\u00a0-]+")


class IdentifierKind(StrEnum):
    """What a typed identifier is, as far as its form tells."""

    PERSONAL_NUMBER = "personal_number"
    LEGACY_PERSONAL_NUMBER = "legacy_personal_number"
    PHONE_NUMBER = "phone_number"
    EMAIL = "email"
    """An e-mail address, or an officer's username of that form: the account that holds it tells which."""
    USERNAME = "username"


@dataclass(frozen=True, slots=True)
class SignInIdentifier:
    """A typed identifier in the form under which it is kept and looked up."""

    kind: IdentifierKind
    canonical: CanonicalIdentifier


def parse_sign_in_identifier(typed: str) -> SignInIdentifier:
    """Return kind and canonical form of what was typed.

    Raises `RefusedIdentifier` for text that is overlong, holds NUL, control, invisible or unpaired surrogate
    characters, or has the form of no identifier.
    """
    text = _readable(typed)
    if "@" in text:
        address = comparable_email_address(parse_email_address(text))
        return SignInIdentifier(IdentifierKind.EMAIL, CanonicalIdentifier(address))
    if _NUMBER.fullmatch(text):
        return _parse_number(text)
    return SignInIdentifier(IdentifierKind.USERNAME, CanonicalIdentifier(parse_username(text)))


def parse_username(text: str) -> str:
    """Return an officer's username in lower case: an e-mail address, or 3 to 64 letters, digits, dots and dashes.

    Raises `RefusedIdentifier` otherwise, also for digits alone: they could be somebody's number.
    """
    username = _readable(text).lower()
    if "@" in username:
        return comparable_email_address(parse_email_address(username))
    if not _USERNAME.fullmatch(username) or _NUMBER.fullmatch(username):
        raise RefusedIdentifier("username_form", "This is not a username.")
    return username


def _parse_number(text: str) -> SignInIdentifier:
    """Tell numbers apart by their count of digits: 12 and 9 are personal numbers, 10 and 11 telephone numbers."""
    digits = sum(character.isdigit() for character in text)
    if text.startswith("+") or digits in {10, 11}:
        return SignInIdentifier(IdentifierKind.PHONE_NUMBER, CanonicalIdentifier(parse_phone_number(text)))
    if digits == len("000000000"):
        number = parse_legacy_personal_number(text)
        return SignInIdentifier(IdentifierKind.LEGACY_PERSONAL_NUMBER, CanonicalIdentifier(number))
    return SignInIdentifier(IdentifierKind.PERSONAL_NUMBER, CanonicalIdentifier(parse_personal_number(text)))


def _readable(typed: str) -> str:
    """Return NFC text without spaces around it, once it is known to be text."""
    if len(typed) > _LONGEST_INPUT:
        raise RefusedIdentifier("identifier_length", "This is too long for an identifier.")
    text = unicodedata.normalize("NFC", typed).strip()
    if not text:
        raise RefusedIdentifier("identifier_empty", "No identifier was given.")
    if any(unicodedata.category(character) in {"Cc", "Cs", "Cf", "Cn", "Co"} for character in text) or has_invisible(
        text
    ):
        raise RefusedIdentifier("identifier_characters", "An identifier has no control or invisible characters.")
    return text
