"""The contract of `IdleAccounts`, and of the use that `Accounts` records."""

import asyncio
from dataclasses import replace

import pytest

from idp.adapters.sql.stores import Stores
from idp.domain.accounts.account import Account, AccountStatus
from idp.domain.events import AccountLocked, IdleNoticeGiven
from idp.domain.grants.grant import RevocationReason
from idp.domain.ids import AccountId, GrantId, Seconds
from idp.domain.records import Records
from idp.ports.idle_accounts import IdleAccount
from tests.adapters.turned_clock import TurnedClock
from tests.ports.samples import EVENT, NOW, ORIGIN, client, event, grant, person

LATER = Seconds(NOW + 1_000)


def notice(account_id: str) -> IdleNoticeGiven:
    return IdleNoticeGiven(origin=ORIGIN, account_id=AccountId(account_id), number=1, delivered=True)


def lock(account_id: str) -> AccountLocked:
    return AccountLocked(origin=ORIGIN, account_id=AccountId(account_id), locked=True, reason="idle")


async def found(stores: Stores, notices: int = 0, until: int = LATER, limit: int = 10) -> tuple[IdleAccount, ...]:
    return await stores.idle_accounts.find(notices, until=Seconds(until), after=None, limit=limit)


@pytest.fixture
async def three(stores: Stores, clock: TurnedClock) -> list[Account]:
    """Accounts made a second apart."""
    accounts = []
    for number in range(3):
        clock.seconds = NOW + number
        claims = {"name": "Nguyễn Thị Hoà", "birthdate": "1999-01-02"} | ({"locale": "en"} if number == 0 else {})
        await stores.records.load(Records(people=(person(number, claims=claims),)), EVENT)
        account = await stores.accounts.find(person(number).personal_number)
        assert account is not None
        accounts.append(account)
    return accounts


async def test_an_account_that_was_never_used_is_idle_since_it_was_made(stores: Stores, three: list[Account]) -> None:
    assert [account.idle_from for account in three] == [None, None, None]
    assert await found(stores) == tuple(
        IdleAccount(account.account_id, 0, Seconds(NOW + number), "en" if number == 0 else None)
        for number, account in enumerate(three)
    )
    assert [each.since for each in await found(stores, until=NOW + 1)] == [NOW, NOW + 1]


async def test_idle_accounts_are_found_page_by_page(stores: Stores, three: list[Account]) -> None:
    first = await stores.idle_accounts.find(0, until=LATER, after=None, limit=2)
    second = await stores.idle_accounts.find(0, until=LATER, after=first[-1], limit=2)
    assert [each.account_id for each in (*first, *second)] == [account.account_id for account in three]
    assert await stores.idle_accounts.find(0, until=LATER, after=second[-1], limit=2) == ()


async def test_accounts_of_one_second_are_each_found_once(stores: Stores) -> None:
    await stores.records.load(Records(people=tuple(person(number) for number in range(5))), EVENT)
    last: IdleAccount | None = None
    seen: list[str] = []
    while page := await stores.idle_accounts.find(0, until=LATER, after=last, limit=2):
        seen += [each.account_id for each in page]
        last = page[-1]
    assert len(seen) == len(set(seen)) == 5


async def test_a_recorded_use_makes_the_account_busy_with_its_event(stores: Stores, three: list[Account]) -> None:
    used = three[0].account_id
    (first, *_) = await found(stores)
    assert await stores.idle_accounts.noticed(first, Seconds(NOW + 10), notice(used))
    await stores.accounts.record_use(used, Seconds(NOW + 50), event(used))
    account = await stores.accounts.get(used)
    assert account is not None
    assert (account.idle_from, account.idle_notices) == (NOW + 50, 0)
    assert used not in {each.account_id for each in await found(stores, until=NOW + 49)}
    assert [record.name async for record in stores.audit_log.records()][-1] == "password.accepted"


async def test_a_notice_counts_once_and_only_for_the_account_as_it_was_found(
    stores: Stores, three: list[Account]
) -> None:
    (first, second, _) = await found(stores)
    counted = await asyncio.gather(
        *(stores.idle_accounts.noticed(first, Seconds(NOW + 10), notice(first.account_id)) for _ in range(20))
    )
    assert sum(counted) == 1
    assert await found(stores, 1) == (replace(first, notices=1, since=Seconds(NOW + 10)),)
    await stores.accounts.record_use(second.account_id, Seconds(NOW + 20), event())
    assert not await stores.idle_accounts.noticed(second, Seconds(NOW + 30), notice(second.account_id))
    assert not await stores.idle_accounts.lock(second, Seconds(NOW + 30), lock(second.account_id))
    names = [record.name async for record in stores.audit_log.records()]
    assert names.count("account.idle_notice") == 1
    assert "account.lock" not in names


async def test_a_lock_ends_sessions_and_grants_and_tells_the_services(stores: Stores, three: list[Account]) -> None:
    account = three[0]
    await stores.client_registry.save(client(), EVENT)
    await stores.grants.start(grant(account), [])
    (first, *_) = await found(stores)
    assert await stores.idle_accounts.lock(first, LATER, lock(account.account_id))
    assert not await stores.idle_accounts.lock(first, LATER, lock(account.account_id))
    locked = await stores.accounts.get(account.account_id)
    assert locked is not None
    assert (locked.status, locked.sessions_valid_from) == (AccountStatus.LOCKED, LATER + 1)
    ended = await stores.grants.get(GrantId("grant-1"))
    assert ended is not None
    assert not ended.is_live(Seconds(NOW))
    assert await stores.outbox.pending() == 1
    assert account.account_id not in {each.account_id for each in await found(stores)}


async def test_whoever_is_unlocked_is_not_idle_from_then_on(stores: Stores, three: list[Account]) -> None:
    (first, *_) = await found(stores)
    assert await stores.idle_accounts.noticed(first, Seconds(NOW + 10), notice(first.account_id))
    (first,) = await found(stores, 1)
    assert await stores.idle_accounts.lock(first, Seconds(NOW + 20), lock(first.account_id))
    await stores.accounts.set_locked(
        first.account_id, locked=False, now=LATER, reason=RevocationReason.ACCOUNT_LOCKED, event=event()
    )
    account = await stores.accounts.get(first.account_id)
    assert account is not None
    assert (account.status, account.idle_from, account.idle_notices) == (AccountStatus.ACTIVE, LATER, 0)
