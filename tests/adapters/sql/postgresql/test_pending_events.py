import asyncio

import pytest

from idp.adapters.sql.postgresql import database as database_module
from idp.adapters.sql.postgresql import pending_events
from idp.adapters.sql.postgresql.database import PostgresqlDatabase
from idp.adapters.sql.trail.audit import SqlAuditLog
from tests.adapters.sql.notes import write_note
from tests.adapters.turned_clock import TurnedClock
from tests.ports.samples import event, faults


async def test_events_wait_durably_until_somebody_chains_them(database: PostgresqlDatabase, clock: TurnedClock) -> None:
    assert await database.events_waiting() == (0, None)
    await database.write(write_note("a", audited=True))
    clock.seconds += 5
    await database.write(None, [event("b"), event("c")])
    assert await database.events_waiting() == (3, (clock.seconds - 5) * 1000)
    await database.settle_events()
    assert await database.events_waiting() == (0, None)


async def test_nodes_that_chain_at_once_make_one_chain_of_every_event(url: str, clock: TurnedClock) -> None:
    nodes = [PostgresqlDatabase(url, clock, size=4, timeout=5.0) for _ in range(3)]

    async def work(node: PostgresqlDatabase, name: str) -> None:
        for n in range(20):
            await node.write(None, [event(f"{name}-{n}")])
            await node.settle_events()

    await asyncio.gather(*(work(node, f"{number}") for number, node in enumerate(nodes)))
    records = [record async for record in SqlAuditLog(nodes[0]).records()]
    assert [record.sequence for record in records] == list(range(1, 61))
    assert list(faults(records)) == []
    for number in range(3):
        mine = [record for record in records if f'"account_id":"{number}-'.encode() in record.payload]
        assert [f"{number}-{n}".encode() in record.payload for n, record in enumerate(mine)] == [True] * 20
    for node in nodes:
        await node.close()


async def test_any_number_is_chained_in_bounded_steps(
    database: PostgresqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pending_events, "CHAINED_AT_ONCE", 10)
    monkeypatch.setattr(database_module, "CHAINED_AT_ONCE", 10)
    await database.write(None, [event(str(n)) for n in range(35)])
    await database.settle_events()
    heads = await SqlAuditLog(database).heads()
    assert [(head.stream, head.sequence) for head in heads] == [("main", 35)]


async def test_a_step_that_fails_leaves_its_events_waiting(
    database: PostgresqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    await database.write(None, [event("a")])
    with monkeypatch.context() as patch:
        patch.setattr(pending_events, "append_unchained", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            await database.settle_events()
    assert (await database.events_waiting())[0] == 1
    await database.settle_events()
    assert (await database.events_waiting())[0] == 0
