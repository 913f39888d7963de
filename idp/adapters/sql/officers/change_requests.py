"""Changes that wait for a second pair of eyes, on SQL."""

from collections.abc import Collection

import msgspec
from sqlalchemy import bindparam, func, insert, or_, select, update

from idp.adapters.sql.database import Database
from idp.adapters.sql.look_up import AFTER_ALL
from idp.adapters.sql.officers.agency_tree import SUBTREE
from idp.adapters.sql.single_requests import first_row, rows_of, run
from idp.adapters.sql.tables.changes import change_requests
from idp.adapters.sql.unit_of_work import All, Append, One, Parameters, Row, Run, UnitOfWork
from idp.domain.events import Event
from idp.domain.ids import AccountId, Seconds
from idp.domain.offices.change_request import ChangeRequest, ChangeState
from idp.ports.vault import Vault

_row = change_requests.c
_COLUMNS = (
    _row.change_id,
    _row.kind,
    _row.subject,
    _row.version,
    _row.payload_key,
    _row.payload,
    _row.agency_code,
    _row.asked_by,
    _row.asked_at,
    _row.expires_at,
    _row.state,
    _row.decided_by,
    _row.decided_at,
)
_ADD = insert(change_requests)
_GET = select(*_COLUMNS).where(_row.change_id == bindparam("change_id"))
# One state and one kind at a time: each is one range of the index.
_LISTED = (
    select(*_COLUMNS)
    .where(
        _row.state == bindparam("state"),
        _row.kind == bindparam("kind"),
        _row.change_id < bindparam("before"),
    )
    .order_by(_row.change_id.desc())
    .limit(bindparam("most"))
)
_WITHIN = _LISTED.where(or_(_row.agency_code.in_(SUBTREE), _row.asked_by == bindparam("asker")))
# Few wait at any time: they are looked through.
_WAITS = (
    select(_row.change_id)
    .where(
        _row.state == ChangeState.WAITING.value,
        _row.kind == bindparam("kind"),
        _row.subject == bindparam("of_subject"),
        _row.expires_at > bindparam("now"),
    )
    .limit(1)
)
_MOVE = (
    update(change_requests)
    .where(_row.change_id == bindparam("change"), _row.state == bindparam("from_state"))
    .values(
        state=bindparam("to_state"),
        decided_by=func.coalesce(bindparam("by", type_=_row.decided_by.type), _row.decided_by),
        decided_at=func.coalesce(bindparam("at", type_=_row.decided_at.type), _row.decided_at),
    )
)


class SqlChangeRequests:
    """Implements `ChangeRequests`; identifiers of changes sort as they were made."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def add(self, change: ChangeRequest, event: Event) -> None:
        key = self._vault.new_key()
        sealed = self._vault.seal(key, _context(change.change_id), msgspec.json.encode(change.payload))
        values = {
            "change_id": change.change_id,
            "kind": change.kind,
            "subject": change.subject,
            "version": change.version,
            "payload_key": key,
            "payload": sealed,
            "agency_code": change.agency_code,
            "asked_by": change.asked_by,
            "asked_at": change.asked_at,
            "expires_at": change.expires_at,
            "state": change.state.value,
            "decided_by": change.decided_by,
            "decided_at": change.decided_at,
        }
        await self._database.write(run(Run(_ADD, values)), [event])

    async def get(self, change_id: str) -> ChangeRequest | None:
        row = await self._database.run_read(first_row(One(_GET, {"change_id": change_id})))
        return None if row is None else self._open(row)

    async def listed(
        self,
        states: Collection[ChangeState],
        kinds: Collection[str],
        before: str,
        limit: int,
        within: tuple[str, AccountId] | None = None,
    ) -> tuple[ChangeRequest, ...]:
        statement, where = _LISTED, {"before": before or AFTER_ALL, "most": limit}
        if within is not None:
            statement, where = _WITHIN, {**where, "root": within[0], "asker": within[1]}
        asked = [All(statement, {**where, "state": state.value, "kind": kind}) for state in states for kind in kinds]
        rows = await self._database.run_read(rows_of(asked))
        newest = sorted(rows, key=lambda row: str(row[0]), reverse=True)[:limit]
        return tuple(self._open(row) for row in newest)

    async def waits(self, kinds: Collection[str], subject: str, now: Seconds) -> bool:
        asked = [All(_WAITS, {"kind": kind, "of_subject": subject, "now": now}) for kind in kinds]
        return bool(await self._database.run_read(rows_of(asked)))

    async def move(
        self,
        change_id: str,
        states: tuple[ChangeState, ChangeState],
        decided: tuple[AccountId, Seconds] | None,
        event: Event,
    ) -> bool:
        by, at = decided or (None, None)
        values = {"change": change_id, "from_state": states[0].value, "to_state": states[1].value, "by": by, "at": at}
        return await self._database.write(_move(values, event))

    def _open(self, row: Row) -> ChangeRequest:
        change_id, kind, subject, version, key, sealed, agency_code, asked_by, asked_at, expires_at, *decision = row
        state, decided_by, decided_at = decision
        return ChangeRequest(
            change_id=change_id,
            kind=kind,
            subject=subject,
            version=version,
            payload=msgspec.json.decode(self._vault.open(key, _context(change_id), sealed)),
            agency_code=agency_code,
            asked_by=AccountId(asked_by),
            asked_at=Seconds(asked_at),
            expires_at=Seconds(expires_at),
            state=ChangeState(state),
            decided_by=None if decided_by is None else AccountId(decided_by),
            decided_at=None if decided_at is None else Seconds(decided_at),
        )


def _context(change_id: str) -> str:
    return f"change_requests.payload:{change_id}"


def _move(values: Parameters, event: Event) -> UnitOfWork[bool]:
    moved: int = yield Run(_MOVE, values)
    if moved:
        yield Append(event)
    return moved > 0
