"""The contract of `AccountLocks`."""

import asyncio

import pytest

from idp.adapters.sql.stores import Stores
from idp.domain.accounts.account import Account, AccountStatus
from idp.domain.accounts.account_lock import (
    BY_AN_OPERATOR,
    EFFECTS,
    LockGround,
    NewLock,
    RegisterEvent,
    RegisterOutcome,
)
from idp.domain.events import AccountLocked, LockEnded, RegisterEventReceived
from idp.domain.grants.grant import RevocationReason
from idp.domain.ids import ClientId, GrantId, Seconds
from idp.domain.records import Records
from idp.ports.account_locks import RegisterChange
from tests.ports.samples import EVENT, ORIGIN, client, grant, person
from tests.ports.samples import NOW as START

NOW = Seconds(START)
CARD, DEATH = LockGround.IDENTITY_CARD, LockGround.DEATH


@pytest.fixture
async def account(stores: Stores) -> Account:
    await stores.records.load(Records(people=(person(1),)), EVENT)
    found = await stores.accounts.find(person(1).personal_number)
    assert found is not None
    return found


async def status(stores: Stores, account: Account) -> AccountStatus:
    found = await stores.accounts.get(account.account_id)
    assert found is not None
    return found.status


def locked(account: Account, reason: str = "test") -> AccountLocked:
    return AccountLocked(origin=ORIGIN, account_id=account.account_id, locked=True, reason=reason)


async def lock(stores: Stores, account: Account, ground: LockGround, reference: str = "") -> object:
    new = NewLock(ground=ground, reference=reference)
    return await stores.account_locks.open(account.account_id, new, NOW, locked(account, ground.value))


async def end(stores: Stores, account: Account, ground: LockGround, reference: str = "") -> bool:
    event = LockEnded(origin=ORIGIN, account_id=account.account_id, ground=ground.value)
    return await stores.account_locks.end(account.account_id, ground, reference, Seconds(NOW + 9), event)


async def told(
    stores: Stores, account: Account, event_type: RegisterEvent, at: int, event_id: str = ""
) -> RegisterOutcome:
    event = RegisterEventReceived(
        origin=ORIGIN, client_id=ClientId("register"), event_type=event_type.value, event_id=event_id, outcome=""
    )
    change = RegisterChange(
        effects=EFFECTS[event_type], event_at=at, event_id=event_id or f"{event_type}{at}", now=Seconds(NOW)
    )
    recorded = await stores.account_locks.apply_to_person(account.person_id, change, event)
    return RegisterOutcome(recorded.outcome)


async def names(stores: Stores) -> list[str]:
    return [record.name async for record in stores.audit_log.records()]


async def test_an_account_is_locked_while_any_lock_is_open(stores: Stores, account: Account) -> None:
    assert await lock(stores, account, CARD) is not None
    assert await lock(stores, account, LockGround.PERSON) is not None
    assert await end(stores, account, CARD)
    assert await status(stores, account) is AccountStatus.LOCKED
    assert await end(stores, account, LockGround.PERSON)
    assert await status(stores, account) is AccountStatus.ACTIVE
    assert [each.ended for each in await stores.account_locks.of_account(account.account_id)] == [NOW + 9, NOW + 9]
    assert (await names(stores)).count("account.lock_ended") == 2


async def test_one_lock_on_a_ground_is_opened_once_by_any_number_at_once(stores: Stores, account: Account) -> None:
    opened = await asyncio.gather(*(lock(stores, account, CARD) for _ in range(50)))
    assert sum(told is not None for told in opened) == 1
    assert (await names(stores)).count("account.lock") == 1
    ended = await asyncio.gather(*(end(stores, account, CARD) for _ in range(50)))
    assert sum(ended) == 1
    assert (await names(stores)).count("account.lock_ended") == 1


async def test_two_authorities_each_have_a_lock_of_their_own(stores: Stores, account: Account) -> None:
    await lock(stores, account, LockGround.AUTHORITY, "request-1")
    await lock(stores, account, LockGround.AUTHORITY, "request-2")
    assert await end(stores, account, LockGround.AUTHORITY, "request-1")
    assert not await end(stores, account, LockGround.AUTHORITY, "request-1")
    assert await status(stores, account) is AccountStatus.LOCKED


async def test_a_lock_ends_grants_and_tells_the_services(stores: Stores, account: Account) -> None:
    await stores.client_registry.save(client(), EVENT)
    await stores.grants.start(grant(account), [])
    assert await lock(stores, account, CARD) == (ClientId("portal"),)
    ended = await stores.grants.get(GrantId("grant-1"))
    assert ended is not None
    assert not ended.is_live(NOW)
    assert await stores.outbox.pending() == 1


async def test_locks_whose_time_is_over_are_found(stores: Stores, account: Account) -> None:
    until = Seconds(NOW + 100)
    new = NewLock(ground=LockGround.AUTHORITY, reference="r", authority="A09", until=until)
    await stores.account_locks.open(account.account_id, new, NOW, locked(account))
    await lock(stores, account, CARD)
    assert await stores.account_locks.due(Seconds(until - 1), 10) == ()
    (due,) = await stores.account_locks.due(until, 10)
    assert (due.holder, due.authority, due.reference, due.since) == (account.account_id, "A09", "r", NOW)
    await end(stores, account, LockGround.AUTHORITY, "r")
    assert await stores.account_locks.due(until, 10) == ()


async def test_what_an_operator_unlocks_is_what_was_locked_by_hand(stores: Stores, account: Account) -> None:
    async def by_hand(*, locked_: bool, ground: LockGround | None = None) -> None:
        await stores.accounts.set_locked(
            account.account_id,
            locked=locked_,
            now=NOW,
            reason=RevocationReason.ACCOUNT_LOCKED,
            event=locked(account),
            ground=ground,
        )

    for ground in (None, LockGround.AUTHORITY, CARD):
        await by_hand(locked_=True, ground=ground)
    for ground in (LockGround.IDLE, LockGround.PERSON, DEATH):
        await lock(stores, account, ground)
    await by_hand(locked_=False)
    open_ones = [each for each in await stores.account_locks.of_account(account.account_id) if each.ended is None]
    assert [each.ground for each in open_ones] == [DEATH]
    assert await status(stores, account) is AccountStatus.LOCKED
    await by_hand(locked_=False, ground=DEATH)
    assert await status(stores, account) is AccountStatus.ACTIVE


async def test_an_event_of_a_register_counts_once_however_often_it_comes(stores: Stores, account: Account) -> None:
    events = [told(stores, account, RegisterEvent.CARD_LOCKED, 5_000, "same") for _ in range(50)]
    outcomes = await asyncio.gather(*events)
    assert outcomes.count(RegisterOutcome.APPLIED) == 1
    assert (await names(stores)).count("account.lock") == 1


async def test_events_count_in_the_order_in_which_they_happened(stores: Stores, account: Account) -> None:
    assert await told(stores, account, RegisterEvent.CARD_UNLOCKED, 6_000) is RegisterOutcome.APPLIED
    assert await told(stores, account, RegisterEvent.CARD_LOCKED, 5_000) is RegisterOutcome.OVERTAKEN
    assert await status(stores, account) is AccountStatus.ACTIVE
    assert await told(stores, account, RegisterEvent.CARD_LOCKED, 7_000) is RegisterOutcome.APPLIED
    assert await told(stores, account, RegisterEvent.CARD_UNLOCKED, 6_500) is RegisterOutcome.OVERTAKEN
    assert await status(stores, account) is AccountStatus.LOCKED


@pytest.mark.parametrize("first", [RegisterEvent.CARD_LOCKED, RegisterEvent.CARD_UNLOCKED])
async def test_of_two_events_at_one_moment_the_lock_counts(
    stores: Stores, account: Account, first: RegisterEvent
) -> None:
    pair = {RegisterEvent.CARD_LOCKED, RegisterEvent.CARD_UNLOCKED}
    await told(stores, account, first, 5_000)
    await told(stores, account, (pair - {first}).pop(), 5_000)
    assert await status(stores, account) is AccountStatus.LOCKED


async def test_a_new_card_ends_what_the_old_one_began(stores: Stores, account: Account) -> None:
    await told(stores, account, RegisterEvent.CARD_LOCKED, 1_000)
    await told(stores, account, RegisterEvent.CARD_EXPIRED, 2_000)
    await told(stores, account, RegisterEvent.DEATH, 2_500)
    await told(stores, account, RegisterEvent.CARD_ISSUED, 3_000)
    assert await status(stores, account) is AccountStatus.LOCKED
    await told(stores, account, RegisterEvent.DEATH_ANNULLED, 4_000)
    assert await status(stores, account) is AccountStatus.ACTIVE


async def test_a_register_does_not_end_what_an_operator_locked_by_hand(stores: Stores, account: Account) -> None:
    await lock(stores, account, CARD, BY_AN_OPERATOR)
    await lock(stores, account, CARD, "another")
    await told(stores, account, RegisterEvent.CARD_LOCKED, 1_000)
    await told(stores, account, RegisterEvent.CARD_ISSUED, 2_000)
    held = await stores.account_locks.of_account(account.account_id)
    assert [each.reference for each in held if each.ended is None] == [BY_AN_OPERATOR]
    assert await status(stores, account) is AccountStatus.LOCKED


async def test_an_organisation_is_held_until_it_is_restored(stores: Stores) -> None:
    async def happened(event_type: RegisterEvent, at: int) -> None:
        event = RegisterEventReceived(
            origin=ORIGIN, client_id=ClientId("register"), event_type=event_type.value, event_id="e", outcome=""
        )
        change = RegisterChange(effects=EFFECTS[event_type], event_at=at, event_id=f"e{at}", now=NOW)
        await stores.account_locks.apply_to_organisation("0100109106", change, event)

    await happened(RegisterEvent.ORGANISATION_DISSOLVED, 1)
    assert await stores.account_locks.holds_organisation("0100109106")
    assert not await stores.account_locks.holds_organisation("0100109107")
    await happened(RegisterEvent.ORGANISATION_RESTORED, 2)
    assert not await stores.account_locks.holds_organisation("0100109106")


async def test_a_lock_says_which_office_it_is_of_and_why(stores: Stores, account: Account) -> None:
    new = NewLock(ground=LockGround.SUSPENDED, authority="G10", reason="inquiry")
    await stores.account_locks.open(account.account_id, new, NOW, locked(account))
    await lock(stores, account, CARD)
    held = {each.ground: each for each in await stores.account_locks.of_account(account.account_id)}
    assert (held[LockGround.SUSPENDED].authority, held[LockGround.SUSPENDED].reason) == ("G10", "inquiry")
    assert (held[CARD].authority, held[CARD].reason) == ("", "")
