"""The contract of `Outbox`."""

import asyncio

import pytest

from idp.adapters.sql.stores import Stores
from idp.domain.accounts.account import Account
from idp.domain.ids import ClientId, Seconds, SessionId
from tests.ports.samples import EVENT, NOW, client, event, grant

now = Seconds(NOW)
LEASED = Seconds(NOW + 30)


@pytest.fixture(autouse=True)
async def five_messages(stores: Stores, account: Account) -> None:
    for number in range(5):
        await stores.client_registry.save(client(f"c{number}"), EVENT)
        await stores.grants.start(grant(account, str(number), client_id=ClientId(f"c{number}")), [])
    await stores.grants.end_session(SessionId("session-1"), now, EVENT)


async def another_of_c1(stores: Stores, account: Account, number: int) -> None:
    session = SessionId(f"session-{number}")
    await stores.grants.start(grant(account, str(number), client_id=ClientId("c1"), session_id=session), [])
    await stores.grants.end_session(session, Seconds(NOW + number), EVENT)


async def test_a_message_is_leased_to_one_worker(stores: Stores, account: Account) -> None:
    batches = await asyncio.gather(*(stores.outbox.claim_due(now, LEASED, 2) for _ in range(50)))
    leased = [message for batch in batches for message in batch]
    assert max(map(len, batches)) == 2
    assert sorted(message.client_id for message in leased) == ["c0", "c1", "c2", "c3", "c4"]
    assert {(message.account_id, message.session_id, message.attempts, message.created_at) for message in leased} == {
        (account.account_id, SessionId("session-1"), 1, NOW)
    }


async def test_a_message_comes_back_when_its_lease_ends(stores: Stores) -> None:
    first = await stores.outbox.claim_due(now, LEASED, 10)
    assert await stores.outbox.claim_due(Seconds(LEASED - 1), LEASED, 10) == ()
    again = await stores.outbox.claim_due(LEASED, Seconds(LEASED + 30), 10)
    assert {message.message_id for message in again} == {message.message_id for message in first}
    assert {message.attempts for message in again} == {2}


async def test_a_failed_delivery_is_due_again_at_its_time(stores: Stores) -> None:
    (message,) = await stores.outbox.claim_due(now, LEASED, 1)
    await stores.outbox.retry(message.message_id, Seconds(NOW + 10))
    due = await stores.outbox.claim_due(Seconds(NOW + 10), LEASED, 10)
    assert message.message_id in {each.message_id for each in due}
    assert await stores.outbox.pending() == 5


async def test_clients_take_turns_and_whoever_is_busy_is_left_out(stores: Stores, account: Account) -> None:
    for number in range(5, 8):
        await another_of_c1(stores, account, number)
    later = Seconds(NOW + 10)
    claimed = [await stores.outbox.claim_due(later, LEASED, 4, {"c0", "c2"}) for _ in range(3)]
    assert [[message.client_id for message in each] for each in claimed] == [["c1", "c3", "c4"], ["c1"], ["c1"]]


async def test_all_that_is_due_for_a_client_is_put_off_at_once(stores: Stores, account: Account) -> None:
    for number in range(5, 9):
        await another_of_c1(stores, account, number)
    (tried,) = await stores.outbox.claim_due(now, LEASED, 1, {"c0"})
    await stores.outbox.put_off(ClientId("c1"), Seconds(NOW + 8), Seconds(NOW + 20))
    others = {"c0", "c2", "c3", "c4"}
    assert await stores.outbox.claim_due(Seconds(NOW + 19), LEASED, 9, others) == ()
    messages = [(await stores.outbox.claim_due(Seconds(NOW + 20), LEASED, 9, others))[0] for _ in range(4)]
    assert {message.attempts for message in messages} == {2}
    assert tried.message_id not in {message.message_id for message in messages}
    assert await stores.outbox.claim_due(Seconds(NOW + 20), LEASED, 9, others) == ()


async def test_the_oldest_message_tells_since_when_it_waits(stores: Stores) -> None:
    assert await stores.outbox.oldest() == NOW
    for message in await stores.outbox.claim_due(now, LEASED, 10):
        await stores.outbox.delivered(message.message_id, event())
    assert await stores.outbox.oldest() is None


async def test_a_delivered_or_abandoned_message_is_forgotten(stores: Stores) -> None:
    first, second = await stores.outbox.claim_due(now, LEASED, 2)
    await stores.outbox.delivered(first.message_id, event())
    await stores.outbox.abandoned(second.message_id, event())
    assert await stores.outbox.pending() == 3
    assert len(await stores.outbox.claim_due(LEASED, Seconds(LEASED + 30), 10)) == 3
    names = [record.name async for record in stores.audit_log.records()]
    assert names[-2:] == ["password.accepted"] * 2
