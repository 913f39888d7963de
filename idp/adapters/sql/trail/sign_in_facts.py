"""Facts of sign-ins on SQL: stored together with how far the audit trail was read, counted where they lie."""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Select, Text, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import insert

from idp.adapters.sql.authenticators.enrolled_methods import methods_of
from idp.adapters.sql.database import Database
from idp.adapters.sql.single_requests import every_row
from idp.adapters.sql.tables.assurance import sign_in_facts
from idp.adapters.sql.tables.main import Number
from idp.adapters.sql.trail.trail_positions import move_on, trail_position
from idp.adapters.sql.unit_of_work import All, Many, UnitOfWork
from idp.domain.ids import AccountId, ClientId, Seconds
from idp.domain.levels.assurance import has_second_factor
from idp.domain.sign_ins.sign_in_fact import KEPT, Outcome, Shape, SignInFact
from idp.ports.sign_in_facts import Dimension, Period, ShapeCount

READER: Final = "sign-in facts"

_row = sign_in_facts.c
# In words: the engine has to see that what is selected is what is grouped by.
_HOUR: Final[ColumnElement[int]] = literal_column("at - at % 3600", Number)
_ADD = insert(sign_in_facts).on_conflict_do_nothing(index_elements=["fact_id"])
_IN_PERIOD = (_row.at >= bindparam("since"), _row.at < bindparam("until"))
_SHAPES = (
    select(_row.client_id, _row.shape, _row.second_factor, func.count())
    .where(_row.outcome == Outcome.GRANTED.value, *_IN_PERIOD, _row.shape != "")
    .group_by(_row.client_id, _row.shape, _row.second_factor)
    .order_by(_row.client_id, _row.shape, _row.second_factor)
)

_shape = msgspec.json.Decoder(Shape)


@cache
def _counting(by: tuple[Dimension, ...], outcomes: frozenset[Outcome]) -> Select[Any]:
    values = [_value(dimension) for dimension in by]
    wanted = [literal_column(f"'{outcome.value}'", Text) for outcome in sorted(outcomes)]
    statement = select(*values, func.count()).where(_row.outcome.in_(wanted), *_IN_PERIOD)
    return statement.group_by(*values).order_by(*values)


def _value(dimension: Dimension) -> ColumnElement[Any]:
    return _HOUR if dimension is Dimension.HOUR else _row[dimension.value]


class SqlSignInFacts:
    """Implements `SignInFacts`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def position(self, stream: str) -> int:
        return await self._database.run_read(trail_position(READER, stream))

    async def add(self, stream: str, seen: int, reached: int, facts: Sequence[SignInFact]) -> bool:
        return await self._database.write(_add(stream, seen, reached, facts))

    async def counts(
        self, by: tuple[Dimension, ...], period: Period, outcomes: frozenset[Outcome]
    ) -> tuple[tuple[tuple[str | int, ...], int], ...]:
        rows = await self._database.run_read(every_row(All(_counting(by, outcomes), _bounds(period))))
        return tuple((tuple(values), int(count)) for *values, count in rows)

    async def shapes(self, period: Period) -> tuple[ShapeCount, ...]:
        rows = await self._database.run_read(every_row(All(_SHAPES, _bounds(period))))
        # Many services share few shapes.
        shapes = {text: _shape.decode(text) for text in {row[1] for row in rows}}
        return tuple(
            ShapeCount(ClientId(client_id), shapes[text], bool(second_factor), int(count))
            for client_id, text, second_factor, count in rows
        )


def _add(stream: str, seen: int, reached: int, facts: Sequence[SignInFact]) -> UnitOfWork[bool]:
    moved = yield from move_on(READER, stream, seen, reached)
    if not moved:
        return False
    with_second_factor = set[AccountId]()
    now = max((fact.at for fact in facts), default=Seconds(0))
    for account_id in sorted({fact.account_id for fact in facts if fact.account_id is not None}):
        methods = yield from methods_of(account_id, now)
        if has_second_factor(methods):
            with_second_factor.add(account_id)
    if facts:
        yield Many(_ADD, [_stored(fact, second_factor=fact.account_id in with_second_factor) for fact in facts])
    return True


def _stored(fact: SignInFact, *, second_factor: bool) -> dict[str, object]:
    return {
        "fact_id": fact.fact_id,
        "at": fact.at,
        "outcome": fact.outcome.value,
        "client_id": fact.client_id or "",
        "account_id": fact.account_id,
        "account_kind": "" if fact.account_kind is None else fact.account_kind.value,
        "error": fact.error,
        "acr": fact.acr,
        "level": int(fact.level),
        "methods": " ".join(sorted(fact.methods)),
        "second_factor": int(second_factor),
        "shape": "" if fact.shape is None else msgspec.json.encode(fact.shape, order="deterministic").decode(),
        "expires_at": Seconds(fact.at + KEPT),
    }


def _bounds(period: Period) -> dict[str, int]:
    return {"since": period.since, "until": period.until}
