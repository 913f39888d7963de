"""The contracts of `AuditTrail` and `AuditLog`."""

import asyncio
import json

from idp.adapters.sql.stores import Stores
from idp.domain.audit.audit_chain import GENESIS
from idp.domain.events import SessionEnded
from idp.domain.ids import AccountId, SessionId
from tests.adapters.turned_clock import TurnedClock
from tests.ports.samples import NOW, ORIGIN, event, faults


async def test_events_are_chained_in_the_order_of_their_commit(stores: Stores, clock: TurnedClock) -> None:
    await stores.audit_trail.record(event("a"), event("b"))
    clock.seconds += 1
    await stores.audit_trail.record(event("c"))
    records = [record async for record in stores.audit_log.records()]
    assert [json.loads(record.payload)["event"]["account_id"] for record in records] == ["a", "b", "c"]
    assert [record.sequence for record in records] == [1, 2, 3]
    assert [record.at_milliseconds for record in records] == [NOW * 1000, NOW * 1000, NOW * 1000 + 1000]
    assert records[0].previous == GENESIS
    assert [record.previous for record in records[1:]] == [record.digest for record in records[:-1]]
    assert list(faults(records)) == []


async def test_a_payload_says_everything_in_one_canonical_form(stores: Stores) -> None:
    await stores.audit_trail.record(event("a"))
    (record,) = [record async for record in stores.audit_log.records()]
    assert record.payload.decode() == (
        f'{{"at":{NOW * 1000},'
        '"event":{"account_id":"a","request_id":"request-1","source":"pseudonym-1"},'
        f'"name":"password.accepted","sequence":1,"stream":"{record.stream}"}}'
    )


async def test_nothing_is_recorded_of_no_events(stores: Stores) -> None:
    await stores.audit_trail.record()
    assert await stores.audit_log.heads() == []


async def test_200_parallel_events_make_one_chain(stores: Stores) -> None:
    await asyncio.gather(*(stores.audit_trail.record(event(str(number))) for number in range(200)))
    records = [record async for record in stores.audit_log.records()]
    assert len(records) == 200
    assert list(faults(records)) == []


async def test_reading_starts_behind_a_given_record(stores: Stores) -> None:
    await stores.audit_trail.record(*(event(str(number)) for number in range(5)))
    (head,) = await stores.audit_log.heads()
    after = [record.sequence async for record in stores.audit_log.records(head.stream, after=3)]
    assert after == [4, 5]
    assert [record.sequence async for record in stores.audit_log.records("elsewhere")] == []


async def test_records_are_found_by_their_names_between_two_places(stores: Stores) -> None:
    ended = SessionEnded(origin=ORIGIN, account_id=AccountId("a"), session_id=SessionId("s"), reason="test")
    await stores.audit_trail.record(event("1"), ended, event("3"), ended, event("5"), ended)
    (head,) = await stores.audit_log.heads()
    both = frozenset({ended.name, event().name})
    for names, after, to, found in (
        (frozenset({ended.name}), 0, 6, [2, 4, 6]),
        (frozenset({ended.name}), 2, 5, [4]),
        (both, 1, 4, [2, 3, 4]),
        (frozenset({"unheard.of"}), 0, 6, []),
        (both, 6, 6, []),
    ):
        told = await stores.audit_log.told(head.stream, after, to, names)
        assert [record.sequence for record in told] == found
    everything = [record async for record in stores.audit_log.records()]
    assert await stores.audit_log.told(head.stream, 0, 6, both) == everything
    assert await stores.audit_log.told("elsewhere", 0, 6, both) == []


async def test_many_records_are_read_page_by_page(stores: Stores) -> None:
    await stores.audit_trail.record(*(event(str(number)) for number in range(2_500)))
    records = [record async for record in stores.audit_log.records()]
    assert [record.sequence for record in records] == list(range(1, 2_501))
    assert [record async for record in stores.audit_log.records(records[0].stream)] == records


async def test_the_head_is_the_newest_record(stores: Stores) -> None:
    await stores.audit_trail.record(event("a"), event("b"))
    records = [record async for record in stores.audit_log.records()]
    assert await stores.audit_log.heads() == [records[-1]]
