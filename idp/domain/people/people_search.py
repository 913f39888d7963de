"""Finding people by words of their names: which words stand for a record, and whether a record is what was asked for.

Words stand without their marks, so that they are found however they are typed; what was typed with marks is compared
with the record itself. Nobody is listed by a single word: with it goes another word, or when the person was born.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Any, Final

from idp.domain.people.names import Name, parse_name
from idp.domain.people.vietnamese_collation import fold_marks, folded_name_words, name_words
from idp.domain.refused_value import RefusedName, RefusedValue
from idp.domain.values import dataclass

MOST_WORDS: Final = 6
_YEAR: Final = re.compile(r"(1[89]|20|21)[0-9]{2}", re.ASCII)
_DAY_FIRST: Final = re.compile(r"([0-9]{1,2})[/.]([0-9]{1,2})[/.]([0-9]{4})", re.ASCII)


class TermKind(StrEnum):
    """What a record is found by."""

    WORD = "word"
    YEAR = "year"
    BIRTHDATE = "birthdate"


Term = tuple[TermKind, str]


class RefusedSearch(RefusedValue):
    """Nobody is looked for like this; `field` is name or born."""

    def __init__(self, field: str, code: str, reason: str) -> None:
        super().__init__(code, reason)
        self.field = field


@dataclass(frozen=True, slots=True)
class NameSearch:
    """Words of a name, and when the person was born: a year, a whole date in ISO 8601, or nothing."""

    name: Name
    born: str = ""

    @property
    def terms(self) -> tuple[Term, ...]:
        """What every record has that fits; the whole date stands for its year."""
        words = tuple((TermKind.WORD, word) for word in sorted(folded_name_words(self.name)))
        if not self.born:
            return words
        return (*words, (TermKind.YEAR if _YEAR.fullmatch(self.born) else TermKind.BIRTHDATE, self.born))

    def fits(self, claims: Mapping[str, Any]) -> bool:
        """Whether a record is what was asked for: a word typed with marks counts with them, others in any spelling."""
        name = claims.get("name")
        if not isinstance(name, str) or not str(claims.get("birthdate", "")).startswith(self.born):
            return False
        marked, folded = name_words(Name(name)), folded_name_words(Name(name))
        for word in self.name.split():
            if fold_marks(word) == word.lower():
                if word.lower() not in folded:
                    return False
            elif not name_words(Name(word)) <= marked:
                return False
        return True


def name_search(name: str, born: str) -> NameSearch:
    """Return a search as it was typed; `born` is a year or a date, day first or ISO 8601. Raises `RefusedSearch`."""
    try:
        words = parse_name(name)
    except RefusedName as refused:
        code = "missing" if not name.strip() else "malformed"
        raise RefusedSearch("name", code, refused.reason) from None
    search = NameSearch(words, _born(born.strip()))
    count = len(words.split())
    if count > MOST_WORDS:
        raise RefusedSearch("name", "too_long", "A search has at most six words.")
    if count == 1 and not search.born:
        raise RefusedSearch("name", "too_wide", "One word alone names too many people.")
    return search


def record_terms(claims: Mapping[str, Any]) -> Iterator[Term]:
    """Yield what a record is found by; a record without a name by nothing."""
    name, birthdate = claims.get("name"), claims.get("birthdate")
    if not isinstance(name, str):
        return
    for word in sorted(folded_name_words(Name(name))):
        yield TermKind.WORD, word
    if isinstance(birthdate, str) and _YEAR.match(birthdate):
        yield TermKind.YEAR, birthdate[:4]
        if len(birthdate) > len("2000"):
            yield TermKind.BIRTHDATE, birthdate


def _born(typed: str) -> str:
    if not typed or _YEAR.fullmatch(typed):
        return typed
    day_first = _DAY_FIRST.fullmatch(typed)
    try:
        if day_first:
            day, month, year = map(int, day_first.groups())
            return date(year, month, day).isoformat()
        return date.fromisoformat(typed).isoformat()
    except ValueError:
        raise RefusedSearch("born", "malformed", "A year, or a date such as 02/01/1999.") from None
