"""The contracts of `SecurityAlerts` and `AlertMessages`."""

import asyncio
from dataclasses import replace
from enum import StrEnum

from sqlalchemy import select

from idp.adapters.sql.single_requests import every_row
from idp.adapters.sql.stores import Stores
from idp.adapters.sql.tables.notices import alert_messages
from idp.adapters.sql.unit_of_work import All
from idp.domain.accounts.account import Account
from idp.domain.accounts.account_closure import AccountClosure
from idp.domain.accounts.security_alert import MOST_TOLD, TOLD_WITHIN, AlertKind, Channel, SecurityAlert
from idp.domain.ids import AccountId, Seconds
from tests.ports.samples import NOW, event

now = Seconds(NOW)
LEASED = Seconds(NOW + 30)


def alert(account: Account, number: int = 1, at: int = NOW, kind: AlertKind = AlertKind.NEW_DEVICE) -> SecurityAlert:
    return SecurityAlert(alert_id=f"{number:03}", account_id=account.account_id, kind=kind, at=Seconds(at), place="VN")


async def test_alerts_are_listed_latest_first_until_they_were_seen(stores: Stores, account: Account) -> None:
    alerts, account_id = stores.security_alerts, account.account_id
    assert await alerts.add("main", 0, 5, [alert(account, 1), alert(account, 2)])
    assert await alerts.position("main") == 5
    listed = await alerts.of_account(account_id, "", 10)
    assert [each.alert_id for each in listed] == ["002", "001"]
    assert (listed[0].kind, listed[0].place, listed[0].seen_at) == (AlertKind.NEW_DEVICE, "VN", None)
    assert await alerts.of_account(account_id, "002", 10) == listed[1:]
    assert await alerts.unseen(account_id) == 2
    await alerts.mark_seen(AccountId("somebody else"), now)
    await alerts.mark_seen(account_id, now)
    assert await alerts.unseen(account_id) == 0
    assert {each.seen_at for each in await alerts.of_account(account_id, "", 10)} == {NOW}


async def test_two_readers_at_once_make_each_alert_once(stores: Stores, account: Account) -> None:
    made = await asyncio.gather(*(stores.security_alerts.add("main", 0, 1, [alert(account)]) for _ in range(20)))
    assert sum(made) == 1
    assert len(await stores.alert_messages.claim_due(now, LEASED, 10)) == 2


async def test_nobody_is_buried_in_messages_of_one_kind(stores: Stores, account: Account) -> None:
    many = [alert(account, number) for number in range(MOST_TOLD + 4)]
    other = alert(account, 50, kind=AlertKind.PASSWORD_CHANGED)
    later = alert(account, 60, NOW + TOLD_WITHIN)
    await stores.security_alerts.add("main", 0, 1, [*many, other, later])
    assert await stores.security_alerts.unseen(account.account_id) == len(many) + 2
    claimed = await stores.alert_messages.claim_due(later.at, Seconds(later.at + 30), 100)
    told = {message.alert.alert_id for message in claimed}
    assert told == {each.alert_id for each in [*many[:MOST_TOLD], other, later]}


async def test_alerts_that_strangers_cannot_cause_are_never_held_back(stores: Stores, account: Account) -> None:
    many = [alert(account, number, kind=AlertKind.RECOVERY_BEGUN) for number in range(MOST_TOLD + 2)]
    sure = replace(alert(account, 50, kind=AlertKind.RECOVERY_BEGUN), is_limited=False)
    await stores.security_alerts.add("main", 0, 1, [*many, sure])
    claimed = await stores.alert_messages.claim_due(now, LEASED, 100)
    assert {message.alert.alert_id for message in claimed} == {each.alert_id for each in [*many[:MOST_TOLD], sure]}


async def test_what_the_person_was_told_already_is_listed_only(stores: Stores, account: Account) -> None:
    told = SecurityAlert(
        alert_id="1", account_id=account.account_id, kind=AlertKind.ACCOUNT_LOCKED, at=now, channels=(Channel.MESSAGE,)
    )
    await stores.security_alerts.add("main", 0, 1, [told])
    assert [each.channel for each in await stores.alert_messages.claim_due(now, LEASED, 9)] == [Channel.MESSAGE]


async def test_a_message_is_leased_to_one_worker_and_comes_back_when_the_lease_ends(
    stores: Stores, account: Account
) -> None:
    messages = stores.alert_messages
    await stores.security_alerts.add("main", 0, 1, [alert(account, number) for number in range(3)])
    batches = await asyncio.gather(*(messages.claim_due(now, LEASED, 2) for _ in range(20)))
    leased = [message for batch in batches for message in batch]
    assert len({message.message_id for message in leased}) == len(leased) == 6
    assert {(message.attempts, message.created_at, message.address) for message in leased} == {(1, NOW, None)}
    assert await messages.claim_due(Seconds(LEASED - 1), LEASED, 10) == ()
    again = await messages.claim_due(LEASED, Seconds(LEASED + 30), 10)
    assert {message.attempts for message in again} == {2}


class Later(StrEnum):
    """A kind of the next release."""

    SOMETHING = "something"


async def test_an_alert_of_the_next_release_keeps_no_other_back_and_waits_for_who_knows_its_words(
    stores: Stores, account: Account
) -> None:
    messages, alerts = stores.alert_messages, stores.security_alerts
    unknown = replace(alert(account, 1), kind=Later.SOMETHING)  # type: ignore[arg-type]  # as another release has it
    await alerts.add("main", 0, 1, [unknown, alert(account, 2)])
    assert {each.alert.alert_id for each in await messages.claim_due(now, LEASED, 10)} == {"002"}
    assert [each.alert_id for each in await alerts.of_account(account.account_id, "", 10)] == ["002"]
    rows = await stores.database.run_read(every_row(All(select(alert_messages.c.message_id), {})))
    assert {row[0].partition(".")[0] for row in rows} == {"001", "002"}


async def test_a_finished_message_is_forgotten_and_a_failed_one_is_due_again(stores: Stores, account: Account) -> None:
    messages = stores.alert_messages
    await stores.security_alerts.add("main", 0, 1, [alert(account)])
    first, second = await messages.claim_due(now, LEASED, 10)
    await messages.finished(first.message_id)
    await messages.retry(second.message_id, Seconds(NOW + 10))
    (due,) = await messages.claim_due(Seconds(NOW + 10), LEASED, 10)
    assert due.message_id == second.message_id


async def test_a_message_that_is_given_up_is_forgotten_and_leaves_its_event(stores: Stores, account: Account) -> None:
    await stores.security_alerts.add("main", 0, 1, [alert(account)])
    for message in await stores.alert_messages.claim_due(now, LEASED, 10):
        await stores.alert_messages.given_up(message.message_id, event())
    assert await stores.alert_messages.claim_due(LEASED, Seconds(NOW + 60), 10) == ()
    await stores.database.settle_events()
    told = [record.name async for record in stores.audit_log.records()]
    assert told.count(event().name) == 2


async def test_a_closed_account_gets_no_message_and_keeps_no_alert(stores: Stores, account: Account) -> None:
    await stores.security_alerts.add("main", 0, 1, [alert(account)])
    asked = AccountClosure(account.account_id, now, now)
    await stores.account_closures.ask(asked, event())
    await stores.account_closures.close(asked, now, event())
    assert await stores.security_alerts.of_account(account.account_id, "", 10) == ()
    assert await stores.alert_messages.claim_due(now, LEASED, 10) == ()
