"""The policy's versions on SQL: documents that are added and never changed, kept decoded in each process."""

from collections.abc import Sequence
from dataclasses import replace

import msgspec
from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from idp.adapters.sql.database import Database
from idp.adapters.sql.shared_look import SharedLook
from idp.adapters.sql.tables.assurance import assurance_policies
from idp.adapters.sql.tables.operation import versions
from idp.adapters.sql.unit_of_work import All, Append, Lock, One, Row, Run, UnitOfWork
from idp.domain.events import Event
from idp.domain.ids import Seconds
from idp.domain.levels.assurance import Reach
from idp.domain.levels.assurance_policy import FIRST_POLICY, AssurancePolicy, RecordedPolicy, in_force
from idp.domain.moment import kept_moment
from idp.ports.clock import Clock

_row = assurance_policies.c
_VERSION = select(versions.c.version).where(versions.c.name == "assurance_policies")
_ALL = select(_row.document, _row.recorded_at).order_by(_row.version)
_ADD = insert(assurance_policies)
_SET_VERSION = (
    insert(versions)
    .values(name="assurance_policies", version=bindparam("reached"))
    .on_conflict_do_update(index_elements=["name"], set_={"version": bindparam("reached")})
)
# The number of the next version is looked up first: one at a time may do that.
_ALONE = Lock(("assurance policies",))

_policy = msgspec.json.Decoder(AssurancePolicy)
# A mapping that nobody can change is one of JSON like any other.
_document = msgspec.json.Encoder(order="deterministic", enc_hook=dict)


class SqlAssurancePolicies:
    """Implements `AssurancePolicies`. The version is looked at once in each second in which somebody asks."""

    def __init__(self, database: Database, clock: Clock, reach: Reach) -> None:
        """`reach`: what the methods of this installation can prove."""
        self._reach = reach
        self._database = database
        self._clock = clock
        self._latest = SharedLook(self._look, clock)
        self._version = -1
        self._recorded: tuple[RecordedPolicy, ...] = ()
        self._in_force = FIRST_POLICY.within(reach)

    async def in_force(self) -> AssurancePolicy:
        await self._latest.take()
        return self._in_force

    async def recorded(self) -> tuple[RecordedPolicy, ...]:
        return await self._database.run_read(all_policies())

    async def add(self, policy: AssurancePolicy, event: Event) -> bool:
        return await self._database.write(_add(policy, self._clock.now(), event))

    async def _look(self) -> None:
        now = self._clock.now()
        version = await self._database.run_read(_latest_version())
        if version != self._version:
            self._recorded = await self._database.run_read(all_policies())
            self._version = version
        self._in_force = in_force(self._recorded, now).within(self._reach)


def all_policies() -> UnitOfWork[tuple[RecordedPolicy, ...]]:
    """Read every version."""
    rows: Sequence[Row] = yield All(_ALL, {})
    return tuple(RecordedPolicy(_opened(document), Seconds(recorded_at)) for document, recorded_at in rows)


def _opened(document: bytes) -> AssurancePolicy:
    policy = _policy.decode(document)
    return replace(policy, effective_from=kept_moment(policy.effective_from))


def add_policy(policy: AssurancePolicy, now: Seconds) -> UnitOfWork[bool]:
    """Add the next version, and let every process know; whether it is the next one."""
    yield _ALONE
    known = yield from _latest_version()
    if policy.version != known + 1:
        return False
    values = {"version": policy.version, "effective_from": policy.effective_from, "recorded_at": now}
    yield Run(_ADD, {**values, "document": _document.encode(policy)})
    yield Run(_SET_VERSION, {"reached": policy.version})
    return True


def _add(policy: AssurancePolicy, now: Seconds, event: Event) -> UnitOfWork[bool]:
    added = yield from add_policy(policy, now)
    if added:
        yield Append(event)
    return added


def _latest_version() -> UnitOfWork[int]:
    row: Row | None = yield One(_VERSION, {})
    return FIRST_POLICY.version if row is None else int(row[0])
