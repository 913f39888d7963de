"""The contract of `AccountClosures`."""

import asyncio
from dataclasses import replace

import pytest

from idp.adapters.sql.stores import Stores
from idp.domain.accounts.account import Account, AccountStatus
from idp.domain.accounts.account_closure import AccountClosure
from idp.domain.accounts.account_lock import LockGround
from idp.domain.accounts.recovery import BOTH, RecoveryRequest, TrustedPerson, Way
from idp.domain.grants.grant import Consent, RevocationReason
from idp.domain.ids import AccountId, ClientId, GrantId, Seconds
from idp.domain.records import AgencyRecord, Loaded, Records
from idp.ports.account_closures import OfficersDoNotCloseError
from idp.ports.recoveries import Word
from tests.ports.samples import EVENT, NOW, client, event, grant, officer, person

DAY = 24 * 3600


def closure(account: Account, due: int = NOW + 14 * DAY) -> AccountClosure:
    return AccountClosure(account.account_id, Seconds(NOW), Seconds(due))


def recovery(name: str, account_id: AccountId) -> RecoveryRequest:
    return RecoveryRequest(
        request_id=name,
        account_id=account_id,
        way=Way.PEOPLE,
        lost=BOTH,
        asked_at=Seconds(NOW),
        expires_at=Seconds(NOW + DAY),
        needed=2,
    )


async def test_closing_is_asked_for_once_and_can_be_taken_back_until_it_is_due(
    stores: Stores, account: Account
) -> None:
    closures, asked = stores.account_closures, closure(account)
    assert await closures.of_account(account.account_id) is None
    assert await closures.ask(asked, event())
    assert not await closures.ask(asked, event())
    assert await closures.of_account(account.account_id) == asked
    assert await closures.due(Seconds(asked.due_at - 1), 10) == ()
    assert not await closures.take_back(account.account_id, asked.due_at, event())
    assert await closures.due(asked.due_at, 10) == (asked,)
    assert await closures.take_back(account.account_id, Seconds(asked.due_at - 1), event())
    assert not await closures.take_back(account.account_id, Seconds(NOW), event())
    assert await closures.of_account(account.account_id) is None
    assert await closures.close(asked, asked.due_at, event()) is None
    assert (await account_of(stores, account.account_id)).is_active


async def test_a_closed_account_keeps_its_record_and_nothing_that_may_be_erased(
    stores: Stores, account: Account
) -> None:
    account_id, asked = account.account_id, closure(account, NOW + 60)
    await stores.client_registry.save(client("portal"), EVENT)
    await stores.grants.start(grant(account, "1"), [])
    await stores.consents.record(
        Consent(account_id, ClientId("portal"), frozenset({"openid"}), frozenset(), Seconds(NOW)), event()
    )
    for pair in ((account_id, AccountId("friend")), (AccountId("friend"), account_id)):
        await stores.trusted_people.name(TrustedPerson(*pair, Seconds(NOW)), 5, event())
    for name, whose, helper in (("own", account_id, "friend"), ("friend's", AccountId("friend"), account_id)):
        await stores.recoveries.ask(recovery(name, whose), event())
        word = Word(name, AccountId(helper), Seconds(NOW), Seconds(NOW + DAY))
        assert await stores.recoveries.confirm(word, Seconds(NOW), event(), event())
    await stores.account_closures.ask(asked, event())

    assert await stores.account_closures.close(asked, asked.due_at, event()) == (ClientId("portal"),)

    closed = await account_of(stores, account_id)
    assert (closed.status, closed.password_hash, closed.locale) == (AccountStatus.LOCKED, None, None)
    (lock,) = await stores.account_locks.of_account(account_id)
    assert (lock.ground, lock.ended) == (LockGround.CLOSED, None)
    ended = await stores.grants.get(GrantId("grant-1"))
    assert ended is not None
    assert ended.revoked_at == asked.due_at
    assert await stores.accounts.contacts(account_id) == ()
    assert await stores.authenticators.enrolled(account_id) == ()
    assert await stores.consents.of_account(account_id) == ()
    assert await stores.trusted_people.of_account(account_id) == ()
    assert await stores.trusted_people.trusting(account_id) == ()
    assert await stores.recoveries.get("own") is None
    assert await stores.recoveries.get("friend's") is not None
    for name in ("own", "friend's"):
        assert await stores.recoveries.confirmed_by(name) == frozenset()
    assert len(await stores.consents.decisions(account_id, "", 10)) == 1
    profile = await stores.accounts.profile(account_id)
    assert profile is not None
    assert profile.claims["name"] == person(1).claims["name"]
    assert "email" not in profile.claims
    # The address may sign somebody else in, the personal number nobody else.
    assert await stores.records.account_of(person(1).email or "") is None
    assert await stores.records.account_of(person(1).personal_number) == account_id
    assert await stores.account_closures.close(asked, asked.due_at, event()) is None
    found = await stores.account_closures.of_account(account_id)
    assert found is not None
    assert found.closed_at == asked.due_at
    assert await stores.account_closures.due(Seconds(asked.due_at + DAY), 10) == ()


async def test_no_file_brings_back_what_closing_erased(stores: Stores, account: Account) -> None:
    asked = closure(account)
    await stores.account_closures.ask(asked, event())
    await stores.account_closures.close(asked, asked.due_at, event())
    again = replace(person(1, totp_secret="JBSWY3DPEHPK3PXP"), password_hash="$argon2id$of-the-file")
    assert await stores.records.load(Records(people=(again,)), EVENT) == Loaded(unchanged=1)
    closed = await account_of(stores, account.account_id)
    assert (closed.status, closed.password_hash) == (AccountStatus.LOCKED, None)
    assert await stores.accounts.contacts(account.account_id) == ()
    assert await stores.authenticators.enrolled(account.account_id) == ()
    assert await stores.records.account_of(again.email or "") is None
    # The address is free for others, in a file too.
    other = person(2, email=again.email)
    assert await stores.records.load(Records(people=(again, other)), EVENT) == Loaded(created=1, unchanged=1)


async def test_an_account_that_closes_while_files_are_loaded_stays_erased(stores: Stores, account: Account) -> None:
    asked = closure(account)
    await stores.account_closures.ask(asked, event())
    files = (Records(people=(person(1, email=f"hoa{number}@example.vn"),)) for number in range(20))
    loading = [stores.records.load(each, EVENT) for each in files]
    await asyncio.gather(*loading[:10], stores.account_closures.close(asked, asked.due_at, event()), *loading[10:])
    assert await stores.accounts.contacts(account.account_id) == ()


async def test_of_many_who_close_at_once_one_does(stores: Stores, account: Account) -> None:
    asked = closure(account)
    await stores.account_closures.ask(asked, event())
    told = await asyncio.gather(*(stores.account_closures.close(asked, asked.due_at, event()) for _ in range(50)))
    assert sum(each is not None for each in told) == 1
    assert len(await stores.account_locks.of_account(account.account_id)) == 1


async def test_an_officer_s_own_account_waits_for_the_end_of_the_office(stores: Stores, account: Account) -> None:
    asked = closure(account)
    await stores.account_closures.ask(asked, event())
    agency = AgencyRecord(officer(1).agency, "Bộ", "ministry")
    await stores.records.load(Records(agencies=(agency,), officers=(officer(1),)), EVENT)

    assert await stores.account_closures.due(asked.due_at, 10) == ()
    assert await stores.account_closures.close(asked, asked.due_at, event()) is None
    with pytest.raises(OfficersDoNotCloseError):
        await stores.account_closures.ask(asked, event())

    officer_account = await stores.accounts.find(officer(1).username)
    assert officer_account is not None
    await stores.accounts.set_locked(
        officer_account.account_id,
        locked=True,
        now=Seconds(NOW),
        reason=RevocationReason.ACCOUNT_LOCKED,
        event=event(),
    )
    assert await stores.account_closures.due(asked.due_at, 10) == (asked,)


async def account_of(stores: Stores, account_id: AccountId) -> Account:
    found = await stores.accounts.get(account_id)
    assert found is not None
    return found
