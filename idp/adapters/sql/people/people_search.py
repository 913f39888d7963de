"""People by words of their names on SQL: from the rarest word on, each candidate looked up in the other words.

However common the words are, a request reads a bounded number of rows and goes on behind them in the next one.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Select, bindparam, func, literal_column, select, update

from idp.adapters.sql.database import Database
from idp.adapters.sql.look_up import AFTER_ALL
from idp.adapters.sql.people.identity_records import opened_record
from idp.adapters.sql.people.likenesses import TAKE_LIKENESSES, likeness_indexes, likeness_rows
from idp.adapters.sql.people.name_words import TAKE_WORDS, word_rows, word_tokens
from idp.adapters.sql.people.personal_data import PersonalData
from idp.adapters.sql.tables.main import accounts, persons
from idp.adapters.sql.tables.people import name_word_progress, name_words
from idp.adapters.sql.unit_of_work import All, Many, One, Parameters, Row, Run, UnitOfWork
from idp.domain.accounts.account import AccountKind
from idp.domain.people.identity_record import IdentityRecord
from idp.domain.people.people_search import MOST_WORDS, NameSearch
from idp.ports.people_search import FoundPeople
from idp.ports.vault import Vault

_COUNTED: Final = 20_000
"""Rows of a word that are counted at most: which of two commoner words is rarer makes little difference."""
_WINDOW: Final = 5_000
"""Rows of the rarest word that one statement looks up in the others."""
_WINDOWS: Final = 6
_CANDIDATES: Final = 100
"""Records that are decrypted at a time, once those that are wanted were not among the first."""
_OPENED: Final = 1_000
"""Records that are decrypted at most, to find those whose marks are as typed."""

_row = name_words.c
_COUNT = select(func.count()).select_from(
    select(_row.token).where(_row.token == bindparam("token")).limit(literal_column(str(_COUNTED))).subquery("counted")
)
_BOUND = (
    select(_row.person_id)
    .where(_row.token == bindparam("token"), _row.person_id > bindparam("after"))
    .order_by(_row.person_id)
    .limit(literal_column("1"))
    .offset(literal_column(str(_WINDOW - 1)))
)


def _candidates(others: int, *, officers_only: bool = False) -> Select[tuple[str, bytes, bytes]]:
    """Return the records of a range of one word that have `others` words too.

    Each is a look-up of its own: a join would let an engine read the whole of a common word.
    """
    found = select(_row.person_id).where(
        _row.token == bindparam("token"),
        _row.person_id > bindparam("after"),
        _row.person_id <= bindparam("bound"),
    )
    for position in range(others):
        other = name_words.alias(f"word_{position}")
        has_it = (
            select(literal_column("1"))
            .where(other.c.token == bindparam(f"other_{position}"), other.c.person_id == _row.person_id)
            .scalar_subquery()
            .correlate(name_words)
        )
        found = found.where(has_it == literal_column("1"))
    if officers_only:
        is_officer = (
            select(literal_column("1"))
            .where(accounts.c.person_id == _row.person_id, accounts.c.kind == AccountKind.OFFICER.value)
            .scalar_subquery()
            .correlate(name_words)
        )
        found = found.where(is_officer == literal_column("1"))
    page = found.order_by(_row.person_id).limit(bindparam("most")).subquery("candidates")
    return (
        select(persons.c.person_id, persons.c.record_key, persons.c.record)
        .join(page, page.c.person_id == persons.c.person_id)
        .order_by(persons.c.person_id)
    )


_FIND: Final = tuple(_candidates(others) for others in range(MOST_WORDS + 1))
_FIND_OFFICERS: Final = tuple(_candidates(others, officers_only=True) for others in range(MOST_WORDS + 1))

_mark = name_word_progress.c
_PART: Final = "people"
_PROGRESS = select(_mark.position, _mark.until).where(_mark.part == _PART)
_THERE_BEFORE = (
    select(persons.c.person_id, persons.c.record_key, persons.c.record)
    .where(persons.c.person_id > bindparam("after"), persons.c.created_at < bindparam("until"))
    .order_by(persons.c.person_id)
    .limit(bindparam("most"))
    # Who corrects a name meanwhile waits, and exchanges the words afterwards.
    .with_for_update(read=True)
)
_MOVE = (
    update(name_word_progress)
    .where(_mark.part == _PART, _mark.position == bindparam("found"))
    .values(position=bindparam("reached"))
)


class SqlPeopleSearch:
    """Implements `PeopleSearch`."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._data = PersonalData(vault)

    async def find(self, search: NameSearch, after: str, limit: int, *, officers_only: bool = False) -> FoundPeople:
        statements = _FIND_OFFICERS if officers_only else _FIND
        return await self._database.run_read(self._find(search, after, limit, statements))

    async def catch_up(self, limit: int) -> int:
        return await self._database.write(self._catch_up(limit))

    def _find(
        self, search: NameSearch, after: str, limit: int, statements: Sequence[Select[tuple[str, bytes, bytes]]]
    ) -> UnitOfWork[FoundPeople]:
        rarest, *others = yield from _by_rarity(
            [self._data.search_token(kind.value, value) for kind, value in search.terms]
        )
        asked = {"token": rarest, **{f"other_{position}": token for position, token in enumerate(others)}}
        found: list[IdentityRecord] = []
        opened, statement = 0, statements[len(others)]
        for _ in range(_WINDOWS):
            row: Row | None = yield One(_BOUND, {"token": rarest, "after": after})
            bound = row[0] if row else AFTER_ALL
            is_full, most = True, limit
            while is_full:
                rows: list[Row] = yield All(statement, {**asked, "after": after, "bound": bound, "most": most})
                for person_id, key, sealed in rows:
                    after = person_id
                    record = opened_record(self._data, person_id, key, sealed)
                    if search.fits(record.claims):
                        found.append(record)
                        if len(found) == limit:
                            return FoundPeople(tuple(found), after)
                opened, is_full, most = opened + len(rows), len(rows) == most, _CANDIDATES
                if is_full and opened >= _OPENED:
                    return FoundPeople(tuple(found), after)
            if row is None:
                return FoundPeople(tuple(found), None)
            after = bound
        return FoundPeople(tuple(found), after)

    def _catch_up(self, limit: int) -> UnitOfWork[int]:
        progress: Row | None = yield One(_PROGRESS, {})
        if progress is None:
            return 0
        position, until = progress
        rows: list[Row] = yield All(_THERE_BEFORE, {"after": position, "until": until, "most": limit})
        if not rows:
            return 0
        moved: int = yield Run(_MOVE, {"found": position, "reached": rows[-1][0]})
        if moved:
            words, alike = self._rows(rows)
            yield Many(TAKE_WORDS, words)
            yield Many(TAKE_LIKENESSES, alike)
        return len(rows)

    def _rows(self, people: Sequence[Row]) -> tuple[list[Parameters], list[Parameters]]:
        """What finds people by name, and what finds one human twice."""
        words: list[Parameters] = []
        alike: list[Parameters] = []
        for person_id, key, sealed in people:
            record = self._data.open_record(key, person_id, sealed)
            words += word_rows(person_id, word_tokens(self._data, record.claims))
            alike += likeness_rows(person_id, likeness_indexes(self._data, record.claims, record.card))
        return words, alike


def _by_rarity(tokens: Sequence[bytes]) -> UnitOfWork[list[bytes]]:
    counted = []
    for token in tokens:
        row: Row = yield One(_COUNT, {"token": token})
        counted.append((int(row[0]), token))
    return [token for _, token in sorted(counted)]
