"""The contract of `ClientNotifications`."""

import asyncio

import pytest

from idp.adapters.sql.stores import Stores
from idp.domain.ids import ClientId, Seconds
from tests.ports.samples import NOW, event

now = Seconds(NOW)
LEASED = Seconds(NOW + 30)


@pytest.fixture(autouse=True)
async def five_messages(stores: Stores) -> None:
    for number in range(5):
        await stores.client_notifications.queue(f"m{number}", ClientId(f"c{number}"), f"ciba:{number}", now)


async def test_a_message_is_leased_to_one_worker(stores: Stores) -> None:
    batches = await asyncio.gather(*(stores.client_notifications.claim_due(now, LEASED, 2) for _ in range(50)))
    leased = [message for batch in batches for message in batch]
    assert max(map(len, batches)) == 2
    assert sorted(message.message_id for message in leased) == ["m0", "m1", "m2", "m3", "m4"]
    assert {(message.client_id, message.attempts, message.created_at) for message in leased} == {
        (f"c{number}", 1, NOW) for number in range(5)
    }
    assert min(message.reference for message in leased) == "ciba:0"


async def test_what_is_queued_twice_is_one_message(stores: Stores) -> None:
    await stores.client_notifications.queue("m0", ClientId("c0"), "ciba:0", Seconds(NOW + 1))
    assert len(await stores.client_notifications.claim_due(Seconds(NOW + 1), LEASED, 10)) == 5


async def test_a_message_comes_back_when_its_lease_ends(stores: Stores) -> None:
    first = await stores.client_notifications.claim_due(now, LEASED, 10)
    assert await stores.client_notifications.claim_due(Seconds(LEASED - 1), LEASED, 10) == ()
    again = await stores.client_notifications.claim_due(LEASED, Seconds(LEASED + 30), 10)
    assert {message.message_id for message in again} == {message.message_id for message in first}
    assert {message.attempts for message in again} == {2}


async def test_a_failed_delivery_is_due_again_at_its_time(stores: Stores) -> None:
    (message,) = await stores.client_notifications.claim_due(now, LEASED, 1)
    await stores.client_notifications.retry(message.message_id, Seconds(NOW + 10))
    due = await stores.client_notifications.claim_due(Seconds(NOW + 10), LEASED, 10)
    assert message.message_id in {each.message_id for each in due}


async def test_clients_take_turns_and_what_is_due_for_one_is_put_off_at_once(stores: Stores) -> None:
    queue = stores.client_notifications
    await queue.queue("m5", ClientId("c1"), "ciba:5", now)
    first = await queue.claim_due(now, LEASED, 10, {"c0"})
    assert [message.message_id for message in first] == ["m1", "m2", "m3", "m4"]
    await queue.put_off(ClientId("c1"), now, Seconds(NOW + 20))
    assert await queue.claim_due(Seconds(NOW + 19), LEASED, 10, {"c0"}) == ()
    (message,) = await queue.claim_due(Seconds(NOW + 20), LEASED, 10, {"c0"})
    assert (message.message_id, message.attempts) == ("m5", 2)


async def test_a_finished_message_is_forgotten_and_leaves_its_event(stores: Stores) -> None:
    (message,) = await stores.client_notifications.claim_due(now, LEASED, 1)
    await stores.client_notifications.finished(message.message_id, event())
    assert len(await stores.client_notifications.claim_due(LEASED, Seconds(LEASED + 30), 10)) == 4
    names = [record.name async for record in stores.audit_log.records()]
    assert names[-1] == "password.accepted"
