"""Finding people by words of their names. Nobody is listed unasked; a page costs the same however many there are."""

from typing import Protocol

from idp.domain.people.identity_record import IdentityRecord
from idp.domain.people.people_search import NameSearch
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class FoundPeople:
    """One page. `after` is where the search goes on, None at its end: a page may be short, or empty, before that."""

    records: tuple[IdentityRecord, ...]
    after: str | None


class PeopleSearch(Protocol):
    """Asks the blind words."""

    async def find(self, search: NameSearch, after: str, limit: int, *, officers_only: bool = False) -> FoundPeople:
        """At most `limit` records that fit, in a fixed order, behind `after` (empty at first).

        `officers_only`: those of people who have an officer's account besides.
        """
        ...

    async def catch_up(self, limit: int) -> int:
        """Make the words of at most `limit` people who were there before there were any; how many. 0 when it is done.

        Goes on where the last call stopped, whoever made it.
        """
        ...
