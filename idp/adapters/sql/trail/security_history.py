"""What happened to the safety of accounts, on SQL: stored together with how far the audit trail was read."""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import msgspec
from sqlalchemy import Select, Text, bindparam, literal_column, select
from sqlalchemy.dialects.postgresql import insert

from idp.adapters.sql.database import Database
from idp.adapters.sql.look_up import AFTER_ALL
from idp.adapters.sql.tables.safety import security_events
from idp.adapters.sql.trail.trail_positions import move_on, trail_position
from idp.adapters.sql.unit_of_work import All, Many, Row, UnitOfWork
from idp.domain.accounts.security_event import KEPT, SecurityEvent, first_identifier
from idp.domain.ids import AccountId, Seconds

READER: Final = "security history"

_row = security_events.c
_ADD: Final = insert(security_events).on_conflict_do_nothing(index_elements=["event_id"])
_OF_ACCOUNT: Final = (
    select(_row.event_id, _row.at, _row.name, _row.details)
    .where(_row.account_id == bindparam("account_id"), _row.event_id < bindparam("before"))
    .order_by(_row.event_id.desc())
    .limit(bindparam("most"))
)
_details: Final = msgspec.json.Decoder(dict[str, str])


@cache
def _naming(names: frozenset[str]) -> Select[Any]:
    wanted = [literal_column(f"'{name}'", Text) for name in sorted(names)]
    return (
        select(_row.event_id, _row.at, _row.name, _row.details)
        .where(_row.account_id == bindparam("account_id"), _row.event_id >= bindparam("since"), _row.name.in_(wanted))
        .order_by(_row.event_id.desc())
        .limit(bindparam("most"))
    )


class SqlSecurityHistory:
    """Implements `SecurityHistory`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def position(self, stream: str) -> int:
        return await self._database.run_read(trail_position(READER, stream))

    async def add(self, stream: str, seen: int, reached: int, events: Sequence[SecurityEvent]) -> bool:
        return await self._database.write(_add(stream, seen, reached, events))

    async def of_account(self, account_id: AccountId, after: str, limit: int) -> tuple[SecurityEvent, ...]:
        place = {"account_id": account_id, "before": after or AFTER_ALL, "most": limit}
        return await self._database.run_read(_listed(account_id, All(_OF_ACCOUNT, place)))

    async def named(
        self, account_id: AccountId, names: frozenset[str], since: Seconds, limit: int
    ) -> tuple[SecurityEvent, ...]:
        place = {"account_id": account_id, "since": first_identifier(since), "most": limit}
        return await self._database.run_read(_listed(account_id, All(_naming(names), place)))


def _add(stream: str, seen: int, reached: int, events: Sequence[SecurityEvent]) -> UnitOfWork[bool]:
    moved = yield from move_on(READER, stream, seen, reached)
    if moved and events:
        yield Many(_ADD, [_stored(event) for event in events])
    return moved


def _stored(event: SecurityEvent) -> dict[str, object]:
    return {
        "event_id": event.event_id,
        "account_id": event.account_id,
        "at": event.at,
        "name": event.name,
        "details": msgspec.json.encode(event.details).decode(),
        "expires_at": Seconds(event.at + KEPT),
    }


def _listed(account_id: AccountId, request: All) -> UnitOfWork[tuple[SecurityEvent, ...]]:
    rows: list[Row] = yield request
    return tuple(
        SecurityEvent(
            event_id=event_id, account_id=account_id, at=Seconds(at), name=name, details=_details.decode(details)
        )
        for event_id, at, name, details in rows
    )
