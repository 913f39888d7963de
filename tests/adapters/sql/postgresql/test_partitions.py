from datetime import UTC, datetime

from idp.adapters.sql.postgresql.partitions import PARTITIONED
from idp.adapters.sql.tables.operation import job_leases
from idp.domain.grants.grant import EXPIRY_WEEK, expiry_week

GRANTS, ENDED, REVOKED, AUDIT = PARTITIONED


def moment(year: int, month: int, day: int, hour: int = 0) -> int:
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp())


NOON = moment(2026, 11, 22, 12)


def test_every_week_in_which_a_grant_can_expire_has_its_partition() -> None:
    weeks = [GRANTS.key(start) for start in GRANTS.periods(NOON)]
    assert weeks[0] == expiry_week(NOON)
    assert str(weeks[-1]) >= expiry_week(NOON + 90 * 24 * 3600)
    assert len(weeks) == 14


def test_a_period_ends_where_the_next_one_begins() -> None:
    for table in PARTITIONED:
        starts = list(table.periods(NOON))
        assert [table.end(start) for start in starts[:-1]] == starts[1:]
        assert starts[0] <= NOON < table.end(starts[0])
        assert NOON + table.ahead < table.end(starts[-1])


def test_months_are_those_of_the_calendar() -> None:
    assert [AUDIT.name(start) for start in AUDIT.periods(moment(2027, 1, 31, 23))] == [
        "audit_records_20270101",
        "audit_records_20270201",
        "audit_records_20270301",
    ]


def test_a_partition_s_name_tells_its_period_and_its_table() -> None:
    for table in PARTITIONED:
        for start in table.periods(NOON):
            assert table.start_of(table.name(start)) == start
    assert GRANTS.start_of("ended_sessions_20261122") is None


def test_days_are_cut_where_identifiers_of_version_7_change_them() -> None:
    midnight = moment(2026, 11, 23)
    assert REVOKED.key(midnight) == f"{midnight * 1000:012x}"
    assert ENDED.start(midnight - 1) == midnight - 24 * 3600
    assert GRANTS.end(GRANTS.start(NOON)) == GRANTS.start(NOON) + EXPIRY_WEEK


def test_what_is_cut_are_tables_that_expire_and_the_audit_record_which_does_not() -> None:
    assert [table.table for table in PARTITIONED if table.alive is None] == ["audit_records"]
    assert all(table.column.name in job_leases.metadata.tables[table.table].c for table in PARTITIONED)
