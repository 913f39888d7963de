"""Counts of sign-ins on SQL."""

from collections.abc import Mapping, Sequence

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from idp.adapters.sql.database import Database
from idp.adapters.sql.single_requests import every_row
from idp.adapters.sql.tables.journeys import journey_counts
from idp.adapters.sql.unit_of_work import All, Many, Parameters, Row, Run, UnitOfWork
from idp.domain.ids import Seconds
from idp.domain.sign_ins.journey_count import FormFactor, JourneyKey, JourneyStage, Way

_row = journey_counts.c
_new = insert(journey_counts)
_ADD = _new.on_conflict_do_update(
    index_elements=["hour", "stage", "form_factor", "locale", "way"],
    set_={"count": _row.count + _new.excluded.count},
)
_FORGET = delete(journey_counts).where(_row.hour < bindparam("oldest"))
_BETWEEN = select(_row.hour, _row.stage, _row.form_factor, _row.locale, _row.way, _row.count).where(
    _row.hour >= bindparam("since"), _row.hour < bindparam("until")
)


class SqlJourneyCounts:
    """Implements `JourneyCounts`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, counts: Mapping[JourneyKey, int], oldest: Seconds) -> None:
        # In one order everywhere: two processes that add the same hours do not wait for each other in a circle.
        rows = sorted((_values(key, count) for key, count in counts.items()), key=lambda row: [*map(str, row.values())])
        await self._database.write(_add(rows, oldest))

    async def between(self, since: Seconds, until: Seconds) -> Sequence[tuple[JourneyKey, int]]:
        rows = await self._database.run_read(every_row(All(_BETWEEN, {"since": since, "until": until})))
        return [(_key(row), row[5]) for row in rows]


def _add(rows: Sequence[Parameters], oldest: Seconds) -> UnitOfWork[None]:
    yield Many(_ADD, rows)
    yield Run(_FORGET, {"oldest": oldest})


def _values(key: JourneyKey, count: int) -> dict[str, object]:
    return {
        "hour": key.hour,
        "stage": key.stage.value,
        "form_factor": key.form_factor.value,
        "locale": key.locale,
        "way": key.way.value,
        "count": count,
    }


def _key(row: Row) -> JourneyKey:
    hour, stage, form_factor, locale, way, _ = row
    return JourneyKey(Seconds(hour), JourneyStage(stage), FormFactor(form_factor), locale, Way(way))
