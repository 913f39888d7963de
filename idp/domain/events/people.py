"""Events of looks at people's records by staff: opaque identifiers and the purpose's code, nothing that was typed."""

from typing import ClassVar

from idp.domain.events.base import Event
from idp.domain.ids import AccountId, PersonId
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleSearched(Event):
    """An officer (`account_id`) looked for somebody; `by` is identifier or name.

    `outcome` of an identifier is found or nobody; of a name listed: whom the list shows, it tells itself.
    """

    name: ClassVar[str] = "people.searched"
    account_id: AccountId
    agency_code: str
    purpose: str
    by: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsSeen(Event):
    """An officer (`account_id`) saw something (`seen`) of the records of `people`; each of them is told."""

    name: ClassVar[str] = "people.records_seen"
    account_id: AccountId
    agency_code: str
    purpose: str
    seen: tuple[str, ...]
    people: tuple[PersonId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUpsExceeded(Event):
    """An officer (`account_id`) looked for more people than a day's budget allows, and was refused."""

    name: ClassVar[str] = "people.look_ups_exceeded"
    account_id: AccountId
    agency_code: str
