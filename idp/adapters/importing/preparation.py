"""What JSON lines become before they are written: read, checked and sealed, on a thread beside the loop."""

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Protocol

from idp.adapters.importing.document import birth_field
from idp.adapters.importing.json_lines import Lines, read_people
from idp.adapters.importing.problems import ImportRefused
from idp.domain.accounts.email_address import is_beyond_ascii
from idp.domain.people.personal_number import PersonalNumber, is_yet_to_be_born
from idp.domain.records import PersonRecord
from idp.domain.values import dataclass
from idp.ports.records import PeoplePreparer, PreparedPeople


@dataclass(frozen=True, slots=True)
class Prepared:
    """What some lines say up to line `last`: records ready to be loaded, and the numbers of their lines.

    `refusal` says why the line behind is none, where that stopped the reading. `beyond_ascii` is the place of the first
    record with a mailbox outside of ASCII, `unborn` that of the first whose birth lies in the future, and what says so.
    """

    records: PreparedPeople
    numbers: tuple[int, ...]
    last: int
    refusal: ImportRefused | None = None
    beyond_ascii: int | None = None
    unborn: tuple[int, str] | None = None

    def before(self, position: int) -> "Prepared":
        """Return what stands before the record at `position`."""
        return Prepared(self.records.before(position), self.numbers[:position], self.numbers[position] - 1)


class Preparer(Protocol):
    """Prepares lines, several batches at once."""

    @property
    def ahead(self) -> int:
        """How many batches to have under way besides the one that is written."""
        ...

    async def prepare(self, source: str, lines: Lines, today: date) -> Prepared:
        """What the lines say; `source` names their file in refusals."""
        ...


class ThreadPreparer:
    """Prepares one batch ahead, on a thread of this process."""

    ahead = 1

    def __init__(self, people: PeoplePreparer) -> None:
        self._people = people

    async def prepare(self, source: str, lines: Lines, today: date) -> Prepared:
        return await asyncio.to_thread(prepare_lines, self._people, source, lines, today)


def prepare_lines(people: PeoplePreparer, source: str, lines: Lines, today: date) -> Prepared:
    """What the lines say, computed here and now."""
    read = read_people(source, lines)
    special = (place for place, record in enumerate(read.records) if record.email and is_beyond_ascii(record.email))
    unborn = _first_unborn(read.records, today)
    prepared = people.prepare(read.records)
    return Prepared(prepared, read.numbers, read.last, read.refusal, next(special, None), unborn)


def _first_unborn(records: Sequence[PersonRecord], today: date) -> tuple[int, str] | None:
    """The place of the first record of somebody who is not born, and the field that says so."""
    for place, record in enumerate(records):
        birthdate = record.claims.get("birthdate")
        if is_yet_to_be_born(PersonalNumber(record.personal_number), birthdate, today):
            return place, birth_field(birthdate)
    return None
