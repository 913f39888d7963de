"""What can be said about a person without telling more: over an age, resident of a place; yes, no, or unknown.

Ages and places that can be asked for are data. Each answer is worked out from the record at the moment of release.
"""

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from idp.domain.country_time import day_of
from idp.domain.ids import Seconds

AGES: Final[Mapping[str, int]] = MappingProxyType({f"age_over_{years}": years for years in (14, 16, 18, 21)})
"""Claims that tell whether a person has completed so many years."""

RESIDENT_OF: Final = "resident_of"
"""The claim that tells whether a person's registered residence lies in a province or commune, by its code."""

RESIDENCE: Final = "residence"
"""Where the record keeps it: `{province, commune}`, codes of the country's list of units; it never leaves by itself."""

PREDICATES: Final[Mapping[str, str]] = MappingProxyType({**dict.fromkeys(AGES, "birthdate"), RESIDENT_OF: "address"})
"""Every predicate, and the claim of which it tells a part: whoever may have that one may have the predicate."""

Accepts = Callable[[object], bool]

_FULL: Final = 10
_YEAR: Final = 4


def answer(name: str, claims: Mapping[str, Any], now: Seconds, accepts: Accepts | None) -> bool | None:
    """Return what is true of a person with these `claims` at `now`; None when the record does not tell.

    `accepts` says whether a code is one of those asked for; None when the request names none.
    """
    if name == RESIDENT_OF:
        return _lives_in(claims.get(RESIDENCE), accepts)
    return _has_completed(AGES[name], claims.get("birthdate"), day_of(now))


def _has_completed(years: int, birthdate: object, today: date) -> bool | None:
    """Whether somebody born then has completed so many years; of a birth year alone, where that decides."""
    if not isinstance(birthdate, str) or not birthdate[:_YEAR].isdecimal() or birthdate[:_YEAR] == "0000":
        return None
    born = int(birthdate[:_YEAR])
    if len(birthdate) == _YEAR:
        return None if today.year - born == years else today.year - born > years
    if len(birthdate) != _FULL:
        return None
    # Who was born on 29 February completes a year with 28 February: from 1 March on in the other years.
    birthday = (int(birthdate[5:7]), int(birthdate[8:10]))
    return today.year - born - ((today.month, today.day) < birthday) >= years


def _lives_in(residence: object, accepts: Accepts | None) -> bool | None:
    if accepts is None or not isinstance(residence, Mapping):
        return None
    codes = [code for part in ("province", "commune") if (code := residence.get(part))]
    if not codes:
        return None
    return any(accepts(code) for code in codes)
