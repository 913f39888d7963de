"""Partitions come and go beside requests, on a real server."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, TypeAlias

import asyncpg
import pytest

from idp.adapters.crypto.system import SystemEntropy
from idp.adapters.sql.postgresql import partitions as partitions_module
from idp.adapters.sql.postgresql.housekeeping import PartitionedHousekeeping
from idp.adapters.sql.postgresql.partitions import PARTITIONED, Partitioned, detach_partition, is_over
from idp.adapters.sql.stores import Stores, open_stores
from idp.domain.accounts.account import Account
from idp.domain.grants.grant import EXPIRY_WEEK, Grant, grant_identifier
from idp.domain.ids import GrantId, Seconds, SessionId
from idp.ports.errors import StoreUnavailableError
from idp.ports.grants import Start
from idp.ports.vault import Vault
from tests.adapters.turned_clock import TurnedClock
from tests.ports.fixtures import account
from tests.ports.samples import EVENT, NOW, event, grant

__all__ = ["account"]

Connection: TypeAlias = "asyncpg.Connection[Any]"

DAY = 24 * 3600
GRANTS, ENDED, REVOKED, AUDIT = PARTITIONED


@pytest.fixture
async def stores(url: str, vault: Vault, clock: TurnedClock, entropy: SystemEntropy) -> AsyncIterator[Stores]:
    opened = open_stores(url, vault, clock, entropy)
    yield opened
    await opened.close()


@pytest.fixture
async def server(url: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()


def expiring(account: Account, at: int, name: str = "1") -> Grant:
    grant_id = grant_identifier(f"{at * 1000:012x}70008000000000000{name:>03}", Seconds(at))
    return grant(account, name, grant_id=grant_id, expires_at=Seconds(at))


async def partitions(server: Connection, table: str) -> list[str]:
    rows = await server.fetch(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = $1::text::regclass ORDER BY 1", table
    )
    return [name for (name,) in rows]


async def lies_in(server: Connection, grant_id: GrantId) -> str | None:
    statement = "SELECT tableoid::regclass::text FROM grants WHERE grant_id = $1"
    found: str | None = await server.fetchval(statement, grant_id)
    return found


async def test_the_first_sweep_makes_the_partitions_of_the_time_to_come_and_the_next_changes_nothing(
    stores: Stores, server: Connection
) -> None:
    await stores.housekeeping.sweep(Seconds(NOW), 100)
    made = {table.table: await partitions(server, table.table) for table in PARTITIONED}
    for table in PARTITIONED:
        expected = {table.name(start) for start in table.periods(NOW)}
        assert set(made[table.table]) == {*expected, f"{table.table}_default"}
    await stores.housekeeping.sweep(Seconds(NOW), 100)
    assert {table.table: await partitions(server, table.table) for table in PARTITIONED} == made


async def test_what_was_written_before_its_partition_was_made_moves_there(
    stores: Stores, account: Account, server: Connection
) -> None:
    value = expiring(account, NOW + 3600)
    assert await stores.grants.start(value, []) is Start.STARTED
    assert await lies_in(server, value.grant_id) == "grants_default"
    await stores.housekeeping.sweep(Seconds(NOW), 100)
    assert await lies_in(server, value.grant_id) == GRANTS.name(GRANTS.start(NOW + 3600))
    assert await stores.grants.get(value.grant_id) == value
    assert await stores.grants.start(value, []) is Start.ALREADY_STARTED


async def test_a_week_of_grants_is_dropped_when_all_of_them_expired_a_day_ago(
    stores: Stores, account: Account, server: Connection
) -> None:
    await stores.housekeeping.sweep(Seconds(NOW), 100)
    value = expiring(account, NOW + 3600)
    await stores.grants.start(value, [])
    week = GRANTS.start(NOW + 3600)
    await stores.housekeeping.sweep(Seconds(week + EXPIRY_WEEK + DAY - 1), 100)
    assert await stores.grants.get(value.grant_id) == value
    for _ in range(2):
        await stores.housekeeping.sweep(Seconds(week + EXPIRY_WEEK + DAY), 100)
    assert await stores.grants.get(value.grant_id) is None
    assert await server.fetchval("SELECT to_regclass($1)", GRANTS.name(week)) is None


async def test_a_day_is_kept_as_long_as_one_of_its_marks_is_needed(stores: Stores, server: Connection) -> None:
    await stores.housekeeping.sweep(Seconds(NOW), 100)
    token_id = f"{NOW * 1000:012x}70008000000000000001"
    await stores.grants.revoke_access_token(token_id, Seconds(NOW + 5 * DAY), event())
    name = REVOKED.name(REVOKED.start(NOW))
    await stores.housekeeping.sweep(Seconds(NOW + 5 * DAY + DAY - 1), 100)
    assert await stores.grants.access_token_grant(token_id, None) == (True, None)
    for _ in range(2):
        await stores.housekeeping.sweep(Seconds(NOW + 6 * DAY), 100)
    assert await server.fetchval("SELECT to_regclass($1)", name) is None


async def test_a_session_that_began_long_ago_can_still_be_ended(stores: Stores, server: Connection) -> None:
    await stores.housekeeping.sweep(Seconds(NOW), 100)
    session_id = SessionId(f"{(NOW - 30 * DAY) * 1000:012x}70008000000000000001")
    await stores.grants.end_session(session_id, Seconds(NOW), EVENT)
    assert await server.fetchval("SELECT tableoid::regclass::text FROM ended_sessions") == "ended_sessions_default"
    assert await stores.housekeeping.sweep(Seconds(NOW + 2 * DAY), 100) == 1


async def test_the_audit_record_lies_in_its_month_and_is_never_dropped(
    stores: Stores, clock: TurnedClock, server: Connection
) -> None:
    await stores.housekeeping.sweep(Seconds(NOW), 100)
    await stores.audit_trail.record(EVENT)
    before = [record async for record in stores.audit_log.records()]
    clock.seconds += 400 * DAY
    for _ in range(2):
        await stores.housekeeping.sweep(Seconds(NOW + 400 * DAY), 100)
    await stores.audit_trail.record(EVENT)
    after = [record async for record in stores.audit_log.records()]
    assert after[: len(before)] == before
    assert [record.sequence for record in after] == list(range(1, len(after) + 1))
    months = await server.fetch("SELECT DISTINCT tableoid::regclass::text FROM audit_records ORDER BY 1")
    assert [name for (name,) in months] == [AUDIT.name(AUDIT.start(NOW)), AUDIT.name(AUDIT.start(NOW + 400 * DAY))]


async def test_nodes_that_sweep_at_once_do_it_once(stores: Stores, account: Account, server: Connection) -> None:
    value = expiring(account, NOW + 3600)
    await stores.grants.start(value, [])
    await asyncio.gather(*(stores.housekeeping.sweep(Seconds(NOW), 100) for _ in range(6)))
    assert len(await partitions(server, "grants")) == 15
    assert await stores.grants.get(value.grant_id) == value


async def test_who_is_in_the_way_is_not_waited_for_and_the_next_run_does_it(stores: Stores, server: Connection) -> None:
    async with server.transaction():
        await server.execute("LOCK TABLE grants_default IN ROW EXCLUSIVE MODE")
        await stores.housekeeping.sweep(Seconds(NOW), 100)
        assert await partitions(server, "grants") == ["grants_default"]
        assert len(await partitions(server, "ended_sessions")) > 1
    await stores.housekeeping.sweep(Seconds(NOW), 100)
    assert len(await partitions(server, "grants")) == 15


async def test_requests_go_on_while_partitions_come_and_go(
    stores: Stores, account: Account, url: str, vault: Vault, clock: TurnedClock, entropy: SystemEntropy
) -> None:
    other_node = open_stores(url, vault, clock, entropy)
    swept = asyncio.Event()
    started = []

    async def keep_starting(first: int) -> None:
        number = first
        while not swept.is_set():
            grant = expiring(account, NOW + number % 5 * 3600, f"{number}")
            started.append(await stores.grants.start(grant, [event()]))
            number += 8

    async def sweep() -> None:
        for week in range(4):
            await other_node.housekeeping.sweep(Seconds(NOW + week * EXPIRY_WEEK), 100)
        swept.set()

    await asyncio.gather(*(keep_starting(first) for first in range(8)), sweep())
    await other_node.close()
    assert set(started) == {Start.STARTED}


async def test_a_mark_made_after_the_look_keeps_its_day(stores: Stores, server: Connection) -> None:
    """The look and the detaching are two transactions; the second looks again when nobody writes any more."""
    await stores.housekeeping.sweep(Seconds(NOW), 100)
    start = ENDED.start(NOW)
    later = Seconds(ENDED.end(start) + 10 * DAY)
    assert await stores.database.run_read(is_over(ENDED, start, later))
    session_id = SessionId(f"{NOW * 1000:012x}70008000000000000001")
    await server.execute("INSERT INTO ended_sessions VALUES ($1, $2)", session_id, later + DAY)
    await stores.database.write(detach_partition(ENDED, ENDED.name(start), later))
    assert ENDED.name(start) in await partitions(server, "ended_sessions")


async def test_one_table_in_trouble_does_not_keep_the_others_from_their_turn(
    stores: Stores, server: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_self: PartitionedHousekeeping, table: Partitioned, *_rest: object) -> None:
        if table is GRANTS:
            raise StoreUnavailableError

    monkeypatch.setattr(PartitionedHousekeeping, "_drop", broken)
    with pytest.raises(StoreUnavailableError):
        await stores.housekeeping.sweep(Seconds(NOW), 100)
    assert AUDIT.name(AUDIT.start(NOW)) in await partitions(server, "audit_records")


async def test_what_is_too_much_to_move_while_everybody_waits_stays(
    stores: Stores, account: Account, server: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions_module, "MOST_MOVED", 0)
    waiting = expiring(account, NOW + DAY)
    assert await stores.grants.start(waiting, []) is Start.STARTED
    await stores.housekeeping.sweep(Seconds(NOW), 100)
    assert await lies_in(server, waiting.grant_id) == "grants_default"
    assert GRANTS.name(GRANTS.start(NOW + DAY)) not in await partitions(server, "grants")
