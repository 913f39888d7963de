"""The contract of `OwnContacts`."""

import asyncio
from dataclasses import replace

import pytest

from idp.adapters.sql.stores import Stores
from idp.domain.accounts.account import Account, Contact, ContactKind
from idp.domain.accounts.contact_change import HOLD, ContactChange
from idp.domain.accounts.security_alert import AlertKind, Channel, SecurityAlert
from idp.domain.ids import GrantId, Seconds
from idp.domain.records import Records
from idp.ports.own_contacts import ContactTakenError
from tests.ports.samples import EVENT, NOW, client, event, grant, person

now = Seconds(NOW)
LATER = Seconds(NOW + HOLD)
NEW = Contact(ContactKind.EMAIL, "Moi@example.vn")
NEWER = Contact(ContactKind.EMAIL, "moihon@example.vn")


def alert(account: Account, number: str, kind: AlertKind = AlertKind.CONTACT_CHANGED) -> SecurityAlert:
    return SecurityAlert(
        alert_id=f"alert-{number}", account_id=account.account_id, kind=kind, at=now, channels=(Channel.FORMER,)
    )


async def former(stores: Stores, account: Account, kind: ContactKind = ContactKind.EMAIL) -> Contact:
    return next(each for each in await stores.accounts.contacts(account.account_id) if each.kind is kind)


async def found(stores: Stores, identifier: str) -> Account:
    account = await stores.accounts.find(identifier)
    assert account is not None
    return account


def changing(account: Account, before: Contact | None, number: str = "1", at: int = NOW) -> ContactChange:
    return ContactChange(
        change_id=f"change-{number}",
        account_id=account.account_id,
        kind=ContactKind.EMAIL,
        changed_at=Seconds(at),
        held_until=Seconds(at + HOLD),
        former=before,
    )


async def test_a_changed_contact_signs_in_and_the_former_one_does_not(stores: Stores, account: Account) -> None:
    before = await former(stores, account)
    change = changing(account, before)
    assert await stores.own_contacts.change(change, NEW, alert(account, "1"), event())
    assert await former(stores, account) == NEW
    found = await stores.accounts.find("moi@example.vn")
    assert found is not None
    assert found.account_id == account.account_id
    assert await stores.accounts.find(before.address.lower()) is None
    assert await stores.own_contacts.get("change-1") == change
    assert await stores.own_contacts.of_account(account.account_id) == (change,)
    (message,) = await stores.alert_messages.claim_due(now, Seconds(NOW + 30), 10)
    assert (message.channel, message.address) == (Channel.FORMER, before)


async def test_of_many_changes_at_once_one_is_made(stores: Stores, account: Account) -> None:
    before = await former(stores, account)
    made = await asyncio.gather(
        *(
            stores.own_contacts.change(changing(account, before, str(number)), NEW, alert(account, str(number)), EVENT)
            for number in range(20)
        )
    )
    assert sum(made) == 1


async def test_what_somebody_else_signs_in_with_is_not_taken(stores: Stores, account: Account) -> None:
    await stores.records.load(Records(people=(person(9, email="other@example.vn"),)), EVENT)
    before = await former(stores, account)
    taken = Contact(ContactKind.EMAIL, "Other@example.vn")
    with pytest.raises(ContactTakenError):
        await stores.own_contacts.change(changing(account, before), taken, alert(account, "1"), EVENT)
    assert await former(stores, account) == before
    assert await stores.own_contacts.of_account(account.account_id) == ()


async def test_of_two_who_prove_the_same_contact_at_once_one_has_it(stores: Stores, account: Account) -> None:
    numbers = range(2, 10)
    await stores.records.load(Records(people=tuple(person(number) for number in numbers)), EVENT)
    accounts = [account, *[await found(stores, person(number).personal_number) for number in numbers]]
    befores = [await former(stores, each) for each in accounts]
    changes = [changing(each, before, each.account_id) for each, before in zip(accounts, befores, strict=True)]
    outcomes = await asyncio.gather(
        *(
            stores.own_contacts.change(change, NEW, alert(each, each.account_id), EVENT)
            for each, change in zip(accounts, changes, strict=True)
        ),
        return_exceptions=True,
    )
    assert outcomes.count(True) == 1
    assert sum(isinstance(outcome, ContactTakenError) for outcome in outcomes) == len(accounts) - 1
    holder = accounts[outcomes.index(True)]
    assert [await former(stores, each) == NEW for each in accounts] == [each is holder for each in accounts]


async def test_a_change_beside_a_file_leaves_one_address_that_is_told_and_signs_in(
    stores: Stores, account: Account
) -> None:
    before = await former(stores, account)
    files = (Records(people=(person(1, claims={"name": f"Tên {number}"}),)) for number in range(20))
    loading = [stores.records.load(each, EVENT) for each in files]
    change = stores.own_contacts.change(changing(account, before), NEW, alert(account, "1"), EVENT)
    await asyncio.gather(*loading[:10], change, *loading[10:])
    told = await former(stores, account)
    for contact in (before, NEW):
        holder = await stores.accounts.find(contact.address.lower())
        assert (holder is not None) is (contact == told)


async def test_while_a_change_is_held_the_former_contact_recovers_and_the_new_one_does_not(
    stores: Stores, account: Account
) -> None:
    contacts, before = stores.own_contacts, await former(stores, account)
    phones = tuple(each for each in await stores.accounts.contacts(account.account_id) if each != before)
    await contacts.change(changing(account, before), NEW, alert(account, "1"), EVENT)
    await contacts.change(changing(account, NEW, "2", NOW + 60), NEWER, alert(account, "2"), EVENT)
    assert await contacts.settled(account.account_id, now) == (before, *phones)
    assert await contacts.settled(account.account_id, LATER) == (NEW, *phones)
    assert await contacts.settled(account.account_id, Seconds(LATER + 60)) == (NEWER, *phones)


async def test_the_former_contact_takes_a_change_back_and_all_that_followed_and_ends_sessions(
    stores: Stores, account: Account
) -> None:
    contacts, before = stores.own_contacts, await former(stores, account)
    first = changing(account, before)
    await stores.client_registry.save(client("portal"), EVENT)
    await stores.grants.start(grant(account, "1"), [])
    await contacts.change(first, NEW, alert(account, "1"), EVENT)
    await contacts.change(changing(account, NEW, "2"), NEWER, alert(account, "2"), EVENT)
    restored = alert(account, "3", AlertKind.CONTACT_RESTORED)
    tried = await asyncio.gather(*(contacts.undo(first, now, restored, event()) for _ in range(20)))
    assert sum(tried) == 1
    assert await former(stores, account) == before
    assert await stores.accounts.find("moihon@example.vn") is None
    assert await stores.accounts.find(before.address.lower()) is not None
    assert {each.undone_at for each in await contacts.of_account(account.account_id)} == {NOW}
    ended = await stores.grants.get(GrantId("grant-1"))
    assert ended is not None
    assert ended.revoked_at == NOW


async def test_after_the_time_nothing_is_taken_back(stores: Stores, account: Account) -> None:
    before = await former(stores, account)
    change = changing(account, before)
    await stores.own_contacts.change(change, NEW, alert(account, "1"), EVENT)
    assert not await stores.own_contacts.undo(change, LATER, alert(account, "2"), EVENT)
    assert not await stores.own_contacts.undo(replace(change, former=None), now, alert(account, "3"), EVENT)
    assert await former(stores, account) == NEW
