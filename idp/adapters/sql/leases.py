"""Leases on SQL: one row a job, kept for good, so that `fence` and `beat` never go back."""

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from idp.adapters.sql.database import Database
from idp.adapters.sql.single_requests import run
from idp.adapters.sql.tables.operation import job_leases
from idp.adapters.sql.unit_of_work import All, One, Row, Run, UnitOfWork
from idp.ports.leases import NOBODY, Lease

_row = job_leases.c
_LEASE = (_row.job, _row.owner, _row.fence, _row.beat)
_LOOK = select(*_LEASE).order_by(_row.job)
_BEGIN = upsert(job_leases).on_conflict_do_nothing(index_elements=["job"]).returning(*_LEASE)
_TAKE = (
    update(job_leases)
    .where(_row.job == bindparam("taken"), _row.fence == bindparam("seen_fence"), _row.beat == bindparam("seen_beat"))
    .values(owner=bindparam("owner"), fence=_row.fence + 1, beat=_row.beat + 1)
    .returning(*_LEASE)
)
_RENEW = update(job_leases).where(_row.owner == bindparam("holder")).values(beat=_row.beat + 1).returning(*_LEASE)
_RELEASE_ALL = (
    update(job_leases).where(_row.owner == bindparam("holder")).values(owner=bindparam("nobody"), beat=_row.beat + 1)
)

_RELEASE = _RELEASE_ALL.where(_row.job == bindparam("released"))


class SqlLeases:
    """Implements `Leases`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def look(self) -> tuple[Lease, ...]:
        return await self._database.run_read(_all(All(_LOOK, {})))

    async def take(self, job: str, owner: str, seen: Lease | None) -> Lease | None:
        if seen is None:
            request = One(_BEGIN, {"job": job, "owner": owner, "fence": 1, "beat": 1}, alone=True)
        else:
            values = {"taken": job, "owner": owner, "seen_fence": seen.fence, "seen_beat": seen.beat}
            request = One(_TAKE, values, alone=True)
        return await self._database.write(_one(request))

    async def renew(self, owner: str) -> tuple[Lease, ...]:
        return await self._database.write(_all(All(_RENEW, {"holder": owner})))

    async def release(self, owner: str, job: str | None = None) -> None:
        values = {"holder": owner, "nobody": NOBODY, "released": job}
        await self._database.write(run(Run(_RELEASE_ALL if job is None else _RELEASE, values, alone=True)))


def _all(request: All) -> UnitOfWork[tuple[Lease, ...]]:
    rows: list[Row] = yield request
    return tuple(Lease(*row) for row in sorted(rows))


def _one(request: One) -> UnitOfWork[Lease | None]:
    row: Row | None = yield request
    return None if row is None else Lease(*row)
