"""Authorities' requests on SQL; what they say of a person lies under the key of the person's record."""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import bindparam, func, insert, literal_column, select, update

from idp.adapters.sql.database import Database
from idp.adapters.sql.loading.days import all_special_days
from idp.adapters.sql.look_up import AFTER_ALL
from idp.adapters.sql.people.lock_rows import end_lock, open_lock
from idp.adapters.sql.single_requests import every_row, rows_of, run
from idp.adapters.sql.tables.locks import lock_requests
from idp.adapters.sql.tables.main import accounts, persons
from idp.adapters.sql.unit_of_work import All, Append, Row, Run, UnitOfWork
from idp.domain.accounts.account_lock import LockGround, NewLock
from idp.domain.accounts.lock_request import Direction, LockRequest, RequestReason, RequestState
from idp.domain.events import AccountLocked, Event, LockEnded
from idp.domain.ids import AccountId, Seconds
from idp.domain.moment import kept_end
from idp.domain.working_days import WorkingDays
from idp.ports.clock import Entropy
from idp.ports.vault import Vault

MOST_LATE = 1_000

_row = lock_requests.c
_MOVING = ("state", "version", "due_at", "texts", "forwarded_at", "forwarded_by", "decided_at", "decided_by")
_FIXED = ("account_id", "direction", "authority", "reason", "document_digest", "entered_at", "entered_by")
_COLUMNS = (_row.request_id, *(_row[name] for name in (*_FIXED, *_MOVING)))
_KEY = (
    select(persons.c.record_key)
    .join(accounts, accounts.c.person_id == persons.c.person_id)
    .where(accounts.c.account_id == bindparam("account"))
)
_ADD = insert(lock_requests)
_with_key = (
    select(persons.c.record_key, *_COLUMNS)
    .join(accounts, accounts.c.account_id == _row.account_id)
    .join(persons, persons.c.person_id == accounts.c.person_id)
)
_GET = _with_key.where(_row.request_id == bindparam("request"))
# One state at a time: each is one range of the index.
_LISTED = (
    _with_key.where(_row.state == bindparam("in_state"), _row.request_id < bindparam("before"))
    .order_by(_row.request_id.desc())
    .limit(bindparam("most"))
)
_MOVE = (
    update(lock_requests)
    .where(_row.request_id == bindparam("request"), _row.version == bindparam("found_version"))
    .values({name: bindparam(f"new_{name}") for name in _MOVING})
)
_LATE = select(func.count()).select_from(
    select(_row.request_id).where(_row.due_at <= bindparam("now")).limit(literal_column(str(MOST_LATE))).subquery()
)


class _Texts(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is sealed of a request."""

    legal_reference: str
    lock_reference: str = ""
    until: int | None = None
    refusal: str = ""


_texts = msgspec.json.Decoder(_Texts)


class SqlLockRequests:
    """Implements `LockRequests`; identifiers of requests sort as they were made."""

    def __init__(self, database: Database, vault: Vault, entropy: Entropy) -> None:
        self._database = database
        self._vault = vault
        self._entropy = entropy

    async def add(self, request: LockRequest, event: Event) -> None:
        values = {name: getattr(request, name) for name in ("request_id", *_FIXED, *_MOVING) if name != "texts"}
        values["texts"] = self._seal(await self._key(request.account_id), request)
        await self._database.write(run(Run(_ADD, values)), [event])

    async def get(self, request_id: str) -> LockRequest | None:
        rows = await self._database.run_read(every_row(All(_GET, {"request": request_id})))
        return self._open(rows[0]) if rows else None

    async def listed(self, states: Iterable[RequestState], before: str, limit: int) -> tuple[LockRequest, ...]:
        place = {"before": before or AFTER_ALL, "most": limit}
        rows = await self._database.run_read(
            rows_of(All(_LISTED, {"in_state": state.value, **place}) for state in states)
        )
        newest = sorted(rows, key=lambda row: str(row[1]), reverse=True)[:limit]
        return tuple(self._open(row) for row in newest)

    async def move(self, found: LockRequest, moved: LockRequest, event: Event) -> bool:
        request = await self._moving(found, moved)
        return await self._database.write(_move(request, event))

    async def carry_out(self, found: LockRequest, carried_out: LockRequest, event: Event) -> bool:
        request = await self._moving(found, carried_out)
        return await self._database.write(_carry_out(request, carried_out, event, self._entropy))

    async def late(self, now: Seconds) -> int:
        (row,) = await self._database.run_read(every_row(All(_LATE, {"now": now})))
        return int(row[0])

    async def _moving(self, found: LockRequest, moved: LockRequest) -> Run:
        values = {f"new_{name}": getattr(moved, name) for name in _MOVING if name != "texts"}
        values["new_texts"] = self._seal(await self._key(moved.account_id), moved)
        return Run(_MOVE, {"request": found.request_id, "found_version": found.version, **values})

    async def _key(self, account_id: AccountId) -> bytes:
        rows = await self._database.run_read(every_row(All(_KEY, {"account": account_id})))
        if not rows:
            raise KeyError
        return bytes(rows[0][0])

    def _seal(self, key: bytes, request: LockRequest) -> bytes:
        texts = _Texts(request.legal_reference, request.lock_reference, request.until, request.refusal)
        return self._vault.seal(key, _context(request.request_id), msgspec.json.encode(texts))

    def _open(self, row: Row) -> LockRequest:
        key, request_id, *told = row
        values: dict[str, Any] = dict(zip((*_FIXED, *_MOVING), told, strict=True))
        texts = _texts.decode(self._vault.open(key, _context(request_id), values.pop("texts")))
        return LockRequest(
            request_id=request_id,
            legal_reference=texts.legal_reference,
            lock_reference=texts.lock_reference,
            until=kept_end(texts.until),
            refusal=texts.refusal,
            direction=Direction(values.pop("direction")),
            reason=RequestReason(values.pop("reason")),
            state=RequestState(values.pop("state")),
            **values,
        )


class SqlSpecialDays:
    """Implements `SpecialDays`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def calendar(self) -> WorkingDays:
        return WorkingDays(await self._database.run_read(all_special_days()))


def _context(request_id: str) -> str:
    return f"lock_requests.texts:{request_id}"


def _move(request: Run, event: Event) -> UnitOfWork[bool]:
    moved: int = yield request
    if moved:
        yield Append(event)
    return moved > 0


def _carry_out(move: Run, request: LockRequest, event: Event, entropy: Entropy) -> UnitOfWork[bool]:
    moved: int = yield move
    if not moved:
        return False
    account_id, now = request.account_id, request.decided_at or request.entered_at
    ground = LockGround.AUTHORITY
    if request.direction is Direction.LOCK:
        lock = NewLock(ground=ground, reference=request.lock, authority=request.authority, until=request.until)
        locked = AccountLocked(origin=event.origin, account_id=account_id, locked=True, reason=ground.value)
        yield from open_lock(account_id, lock, now, locked, entropy)
    else:
        ended = LockEnded(origin=event.origin, account_id=account_id, ground=ground.value, by=request.decided_by)
        yield from end_lock(account_id, ground, request.lock, now, ended)
    yield Append(event)
    return True
