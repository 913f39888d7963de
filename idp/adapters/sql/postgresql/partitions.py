"""Partitions of the tables that grow with time: made ahead of it, and dropped when all in them has expired.

Any number of nodes may do this at once, late or not at all: what has no partition of its own lies in the default one
and moves when its partition is made. Whatever would make requests wait gives up after `_PATIENCE` and is done by a
later run. See docs/decisions/0012-partitions-are-found-by-identifiers.md.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Column, Select, TextClause, bindparam, select, text

from idp.adapters.sql.housekeeping import GRACE
from idp.adapters.sql.tables.main import audit_records, ended_sessions, grants, revoked_access_tokens
from idp.adapters.sql.unit_of_work import All, One, Row, UnitOfWork
from idp.domain.grants.grant import EXPIRY_WEEK, expiry_week
from idp.domain.ids import Seconds
from idp.domain.values import dataclass

_DAY: Final = 24 * 3600
_PATIENCE: Final = "300ms"
MOST_MOVED: Final = 50_000
"""Rows that are moved into a new partition while everybody waits at the door: some tenths of a second."""

_PARTITIONS: Final = text(
    """
    SELECT child.relname, parent.relname
    FROM pg_catalog.pg_class AS child
    LEFT JOIN pg_catalog.pg_inherits AS link ON link.inhrelid = child.oid
    LEFT JOIN pg_catalog.pg_class AS parent ON parent.oid = link.inhparent
    WHERE child.relnamespace = current_schema()::regnamespace AND child.relkind = 'r'
      AND child.relname ~ '^(grants|ended_sessions|revoked_access_tokens|audit_records)_[0-9]{8}$'
    """
)


@dataclass(frozen=True, slots=True)
class Partitioned:
    """One table, and the column that its partitions are cut by.

    `start` takes a moment to the beginning of its period, `key` such a beginning to the column's value. Periods are
    made for `ahead` seconds to come. `alive` finds what is still needed in a period (None: all of it for ever);
    `is_bounded`: nothing outlives its period, so that it need not be asked.
    """

    column: "Column[Any]"
    start: Callable[[int], int]
    key: Callable[[int], str | int]
    ahead: int
    alive: "Select[Any] | None"
    is_bounded: bool = False
    storage: str = "autovacuum_vacuum_scale_factor = 0.05"
    unique: str | None = None

    @property
    def table(self) -> str:
        """The table's name."""
        return str(self.column.table.name)

    def name(self, start: int) -> str:
        """The partition of the period that begins at `start`."""
        return f"{self.table}_{datetime.fromtimestamp(start, UTC):%Y%m%d}"

    def start_of(self, name: str) -> int | None:
        """The beginning of the period whose partition has this name; None when it is another table's."""
        table, _, day = name.rpartition("_")
        if table != self.table:
            return None
        return int(datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC).timestamp())

    def end(self, start: int) -> int:
        """The end of the period that begins at `start`: the beginning of the next."""
        moment = start
        while (following := self.start(moment)) == start:
            moment += _DAY
        return following

    def periods(self, now: int) -> Iterator[int]:
        """The beginnings of the periods that a table needs at `now`."""
        start = self.start(now)
        while start <= now + self.ahead:
            yield start
            start = self.end(start)


def _week(moment: int) -> int:
    return moment - moment % EXPIRY_WEEK


def _day(moment: int) -> int:
    return moment - moment % _DAY


def _month(moment: int) -> int:
    return int(datetime.fromtimestamp(moment, UTC).replace(day=1, hour=0, minute=0, second=0).timestamp())


def _version_7(moment: int) -> str:
    """How identifiers begin that are made at a moment (RFC 9562 section 5.7: 48 bits of milliseconds)."""
    return f"{moment * 1000:012x}"


def _alive(column: "Column[Any]") -> "Select[Any]":
    expires_at = column.table.c.expires_at
    period = column >= bindparam("low"), column < bindparam("high")
    return select(expires_at).where(*period, expires_at > bindparam("before")).limit(1)


PARTITIONED: Final = (
    # Ninety days of `offline_access` are the longest life of a grant.
    Partitioned(
        grants.c.grant_id,
        _week,
        expiry_week,
        ahead=92 * _DAY,
        alive=_alive(grants.c.grant_id),
        is_bounded=True,
        storage="fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05",
        unique="family_hash",
    ),
    Partitioned(
        ended_sessions.c.session_id, _day, _version_7, ahead=2 * _DAY, alive=_alive(ended_sessions.c.session_id)
    ),
    Partitioned(
        revoked_access_tokens.c.token_id,
        _day,
        _version_7,
        ahead=2 * _DAY,
        alive=_alive(revoked_access_tokens.c.token_id),
    ),
    Partitioned(audit_records.c.at_milliseconds, _month, lambda start: start * 1000, ahead=31 * _DAY, alive=None),
)


def found_partitions() -> UnitOfWork[dict[str, bool]]:
    """Every partition but the default ones, and whether it still belongs to its table."""
    rows: list[Row] = yield All(_PARTITIONS, {})
    return {name: parent is not None for name, parent in rows}


def make_partition(table: Partitioned, start: int) -> UnitOfWork[None]:
    """Make one partition, and move what belongs there out of the default one.

    When more than `MOST_MOVED` rows lie there, which takes weeks without a sweep, they stay, and go row by row.
    """
    name, low, high = table.name(start), repr(table.key(start)), repr(table.key(table.end(start)))
    unique = "" if table.unique is None else f"CREATE UNIQUE INDEX ON {name} ({table.unique});"
    # Writers wait at the table's door: whoever waited at the default partition would go on to write there what belongs
    # to the new one by then, and be refused.
    yield One(
        _in_one_go(
            f"""
            LOCK TABLE {table.table} IN SHARE ROW EXCLUSIVE MODE;
            IF (
                SELECT count(*) FROM (
                    SELECT FROM {table.table}_default
                    WHERE {table.column.name} >= {low} AND {table.column.name} < {high} LIMIT {MOST_MOVED + 1}
                ) AS waiting
            ) > {MOST_MOVED} THEN RETURN; END IF;
            CREATE TABLE {name} (LIKE {table.table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)
                WITH ({table.storage});
            {unique}
            WITH moved AS (
                DELETE FROM {table.table}_default
                WHERE {table.column.name} >= {low} AND {table.column.name} < {high} RETURNING *
            )
            INSERT INTO {name} SELECT * FROM moved;
            ALTER TABLE {table.table} ATTACH PARTITION {name} FOR VALUES FROM ({low}) TO ({high});
            """,  # noqa: S608 -- our own names and moments
            unless="lock_not_available OR duplicate_table",
        ),
        {},
    )


def is_over(table: Partitioned, start: int, now: Seconds) -> UnitOfWork[bool]:
    """Whether nothing that lies in the period is needed any more."""
    before, end = now - GRACE, table.end(start)
    if table.alive is None or end > before:
        return False
    if table.is_bounded:
        return True
    return (yield One(table.alive, {"low": table.key(start), "high": table.key(end), "before": before})) is None


def detach_partition(table: Partitioned, name: str, now: Seconds) -> UnitOfWork[None]:
    """Take a partition off its table, which everybody's statements wait for: nothing else is done meanwhile.

    What was written since it was found to be over keeps it: nobody writes any more once the look is under the lock.
    """
    detach = f"""
        LOCK TABLE ONLY {table.table} IN ACCESS EXCLUSIVE MODE;
        IF EXISTS (SELECT FROM {name} WHERE expires_at > {now - GRACE}) THEN RETURN; END IF;
        ALTER TABLE {table.table} DETACH PARTITION {name};
    """
    yield One(_in_one_go(detach, unless="lock_not_available OR undefined_table"), {})


def drop_partition(name: str) -> UnitOfWork[None]:
    """Drop what was detached: nobody uses it, however long that takes."""
    yield One(_in_one_go(f"DROP TABLE IF EXISTS {name};", unless="lock_not_available"), {})


def _in_one_go(commands: str, unless: str) -> TextClause:
    """One statement that does nothing at all when somebody else is in the way."""
    return text(
        f"DO $$ BEGIN SET LOCAL lock_timeout = '{_PATIENCE}'; {commands} EXCEPTION WHEN {unless} THEN NULL; END $$"
    )
