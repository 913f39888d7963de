"""A look by staff at somebody's record: who looked, why, and at what. The person sees it."""

import re
from collections.abc import Iterable
from enum import StrEnum
from hashlib import sha256
from typing import Final

from idp.domain.ids import AccountId, PersonId, Seconds
from idp.domain.people.personal_number import parse_personal_number
from idp.domain.refused_value import RefusedIdentifier, RefusedValue
from idp.domain.values import dataclass

KEPT: Final = 5 * 366 * 24 * 3600
"""Seconds for which a trace is kept: usage history is kept for at least five years."""

_REFERENCE: Final = re.compile(r"[0-9A-ZĐ][0-9A-ZĐ./_-]{2,39}", re.ASCII)
_LONG_NUMBER: Final = re.compile(r"[0-9]{9}")
_GROUPS: Final = re.compile(r"[0-9]+(?:[./_-]+[0-9]+)+")


class Purpose(StrEnum):
    """Why a record may be looked at: a fixed list, so that it can be counted and compared."""

    ASSISTANCE = "assistance"
    """The person asked for help."""
    PROOFING = "proofing"
    """The person is proved at a counter."""
    CORRECTION = "correction"
    """The person asked for a correction."""
    LOCK = "lock"
    """An account is to be locked or unlocked."""
    GUARDIANSHIP = "guardianship"
    """Somebody asks to be the person's guardian, or is."""
    DUPLICATE = "duplicate"
    """Two records may be one human's."""
    INVESTIGATION = "investigation"
    """A competent body asks, in writing."""
    SECURITY = "security"
    """A security incident is looked into."""
    SUPERVISION = "supervision"
    """An auditor looks at how records are kept."""


class Seen(StrEnum):
    """What was seen."""

    LISTED = "listed"
    """Name and birthdate, in a list of those whom a search found."""
    RECORD = "record"
    """The identity record: name, birth, number, card."""
    EVIDENCE = "evidence"
    """How the person was proved."""
    ACCOUNT = "account"
    """State and locks of the account, and by which means it signs in."""
    ACTIVITY = "activity"
    """Sessions and recent events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAccess:
    """One look. `officer` is the officer's account, `officer_id` what the person is told; never the officer's name.

    Identifiers sort by the moment. `reference` is the case that the look belonged to.
    """

    access_id: str
    person_id: PersonId
    officer: AccountId
    officer_id: str
    agency_code: str
    agency_name: str
    position: str
    at: Seconds
    purpose: Purpose
    reference: str
    seen: tuple[Seen, ...]


def access_identifier(at: Seconds, occasion: str, person_id: PersonId, seen: Iterable[Seen]) -> str:
    """Return the identifier of a look: on one `occasion` looking at the same once more is the same look."""
    digest = sha256("\n".join((occasion, person_id, *sorted(seen))).encode()).hexdigest()
    return f"{at:012x}{digest[:32]}"


class RefusedReference(RefusedValue):
    """A text cannot be the reference of a case."""


def parse_reference(text: str) -> str:
    """Return the reference of a case, such as `H26.12-2026/0042`, in upper case.

    Raises `RefusedReference` for what is empty, free text, or could be somebody's number: 3 to 40 letters, digits and
    `./_-`, a digit among them, never nine digits in a row, and no personal number in groups.
    """
    reference = text.strip().upper()
    if not reference:
        raise RefusedReference("missing", "The look belongs to a case.")
    if not _REFERENCE.fullmatch(reference) or not any(character.isdigit() for character in reference):
        raise RefusedReference("malformed", "A reference is 3 to 40 letters, digits and ./_- with a digit among them.")
    if _LONG_NUMBER.search(reference) or _has_personal_number(reference):
        raise RefusedReference("long_number", "A reference is not the number of a person, a card or a telephone.")
    return reference


def _has_personal_number(reference: str) -> bool:
    """Whether neighbouring groups of digits are a personal number together.

    Of a birth in the country: H26.12-2026/0042 could be one of a birth abroad.
    """
    for run in _GROUPS.findall(reference):
        groups = re.findall(r"[0-9]+", run)
        for start in range(len(groups)):
            for end in range(start + 2, len(groups) + 1):
                if groups[start][0] == "0" and _is_personal_number("".join(groups[start:end])):
                    return True
    return False


def _is_personal_number(digits: str) -> bool:
    try:
        parse_personal_number(digits)
    except RefusedIdentifier:
        return False
    return True
