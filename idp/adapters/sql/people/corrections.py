"""Requests for correction on SQL: moments and states in the open, everything that was typed sealed."""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import msgspec
from sqlalchemy import Select, Text, bindparam, func, insert, literal_column, select, tuple_, update

from idp.adapters.sql.clients.grants import account_lock
from idp.adapters.sql.database import Database
from idp.adapters.sql.tables.main import Number, persons
from idp.adapters.sql.tables.person_side import correction_requests
from idp.adapters.sql.unit_of_work import All, Append, Lock, One, Row, Run, UnitOfWork
from idp.domain.events import Event
from idp.domain.ids import AccountId, PersonId, Seconds
from idp.domain.people.correction import OPEN, CorrectionRequest, CorrectionState
from idp.ports.vault import Vault

MOST: Final = 100
"""Requests of one account that are listed."""

_row = correction_requests.c
_COLUMNS = (
    *(_row.request_id, _row.account_id, _row.person_id, _row.asked, _row.state, _row.asked_at, _row.answer_due),
    *(_row.complete_due, _row.answered_by, _row.answered_at, _row.answer, _row.change_id, _row.completed_at),
    persons.c.record_key,
)
_WITH_KEY = correction_requests.join(persons, persons.c.person_id == _row.person_id)
_GET = select(*_COLUMNS).select_from(_WITH_KEY).where(_row.request_id == bindparam("wanted_request"))
_OF_ACCOUNT = (
    select(*_COLUMNS)
    .select_from(_WITH_KEY)
    .where(_row.account_id == bindparam("of_account"))
    .order_by(_row.request_id.desc())
    .limit(MOST)
)
_KEY = select(persons.c.record_key).where(persons.c.person_id == bindparam("of_person"))
_open = [literal_column(f"'{state.value}'", Text) for state in OPEN]
_COUNT_OPEN = select(func.count()).where(_row.account_id == bindparam("of_account"), _row.state.in_(_open))
_ADD = insert(correction_requests)
_MOVE = (
    update(correction_requests)
    .where(_row.request_id == bindparam("moved_request"), _row.state == bindparam("before"))
    .values(
        {
            name: bindparam(name)
            for name in ("state", "answered_by", "answered_at", "answer", "change_id", "completed_at", "complete_due")
        }
    )
)


class _Asked(msgspec.Struct, frozen=True):
    """What the person typed."""

    wanted: dict[str, str]
    reason: str


_asked = msgspec.json.Decoder(_Asked)


@cache
def _listing(states: tuple[CorrectionState, ...]) -> Select[Any]:
    wanted = [literal_column(f"'{state.value}'", Text) for state in states]
    place = tuple_(_row.answer_due, _row.request_id)
    behind = tuple_(bindparam("after_due", type_=Number), bindparam("after_request", type_=Text))
    return (
        select(*_COLUMNS)
        .select_from(_WITH_KEY)
        .where(_row.state.in_(wanted), place > behind)
        .order_by(_row.answer_due, _row.request_id)
        .limit(bindparam("most"))
    )


class SqlCorrections:
    """Implements `Corrections`."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def add(self, request: CorrectionRequest, event: Event, most: int) -> bool:
        return await self._database.write(self._add(request, event, most))

    async def get(self, request_id: str) -> CorrectionRequest | None:
        found = await self._database.run_read(self._all(All(_GET, {"wanted_request": request_id})))
        return next(iter(found), None)

    async def of_account(self, account_id: AccountId) -> tuple[CorrectionRequest, ...]:
        return await self._database.run_read(self._all(All(_OF_ACCOUNT, {"of_account": account_id})))

    async def listed(
        self, states: Sequence[CorrectionState], after: CorrectionRequest | None, limit: int
    ) -> tuple[CorrectionRequest, ...]:
        place = {"after_due": after.answer_due if after else -1, "after_request": after.request_id if after else ""}
        request = All(_listing(tuple(states)), {**place, "most": limit})
        return await self._database.run_read(self._all(request))

    async def move(self, found: CorrectionRequest, moved: CorrectionRequest, event: Event) -> bool:
        return await self._database.write(self._move(found, moved, event))

    def _add(self, request: CorrectionRequest, event: Event, most: int) -> UnitOfWork[bool]:
        yield Lock((account_lock(request.account_id),))
        (waiting,) = yield One(_COUNT_OPEN, {"of_account": request.account_id})
        if waiting >= most:
            return False
        (key,) = yield One(_KEY, {"of_person": request.person_id})
        asked = msgspec.json.encode(_Asked(dict(request.wanted), request.reason))
        yield Run(
            _ADD,
            {
                "request_id": request.request_id,
                "account_id": request.account_id,
                "person_id": request.person_id,
                "asked": self._vault.seal(key, _context("asked", request.request_id), asked),
                "asked_at": request.asked_at,
                "answer_due": request.answer_due,
                **self._progress(request, key),
            },
        )
        yield Append(event)
        return True

    def _move(self, found: CorrectionRequest, moved: CorrectionRequest, event: Event) -> UnitOfWork[bool]:
        (key,) = yield One(_KEY, {"of_person": moved.person_id})
        place = {"moved_request": found.request_id, "before": found.state.value}
        if not (yield Run(_MOVE, {**place, **self._progress(moved, key)})):
            return False
        yield Append(event)
        return True

    def _progress(self, request: CorrectionRequest, key: bytes) -> dict[str, object]:
        answer = request.answer.encode()
        return {
            "state": request.state.value,
            "complete_due": request.complete_due,
            "answered_by": request.answered_by,
            "answered_at": request.answered_at,
            "answer": self._vault.seal(key, _context("answer", request.request_id), answer) if answer else None,
            "change_id": request.change_id,
            "completed_at": request.completed_at,
        }

    def _all(self, request: All) -> UnitOfWork[tuple[CorrectionRequest, ...]]:
        rows: list[Row] = yield request
        return tuple(self._read(row) for row in rows)

    def _read(self, row: Row) -> CorrectionRequest:
        request_id, account_id, person_id, sealed, state, asked_at, answer_due, complete_due, *progress, key = row
        answered_by, answered_at, answer, change_id, completed_at = progress
        asked = _asked.decode(self._vault.open(key, _context("asked", request_id), sealed))
        return CorrectionRequest(
            request_id=request_id,
            account_id=AccountId(account_id),
            person_id=PersonId(person_id),
            wanted=asked.wanted,
            reason=asked.reason,
            state=CorrectionState(state),
            asked_at=Seconds(asked_at),
            answer_due=Seconds(answer_due),
            complete_due=Seconds(complete_due),
            answered_by=None if answered_by is None else AccountId(answered_by),
            answered_at=None if answered_at is None else Seconds(answered_at),
            answer="" if answer is None else self._vault.open(key, _context("answer", request_id), answer).decode(),
            change_id=change_id,
            completed_at=None if completed_at is None else Seconds(completed_at),
        )


def _context(column: str, request_id: str) -> str:
    return f"correction_requests.{column}:{request_id}"
