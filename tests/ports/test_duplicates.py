"""The contract of `Duplicates`."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import delete, insert

from idp.adapters.sql.stores import Stores
from idp.adapters.sql.tables.people import name_word_progress
from idp.adapters.sql.tables.proofing import person_likenesses
from idp.adapters.sql.unit_of_work import Run, UnitOfWork
from idp.domain.accounts.account import Account, AccountStatus
from idp.domain.accounts.account_lock import EFFECTS, GIVES_WAY_TO_A_MERGE, LockGround, NewLock, RegisterEvent
from idp.domain.events import AccountsMerged, RegisterEventReceived
from idp.domain.grants.grant import RevocationReason
from idp.domain.ids import ClientId, GrantId, Seconds
from idp.domain.people.identity_record import IdentityCard, IdentityRecord
from idp.domain.people.likeness import Likeness, LikenessKind
from idp.domain.records import AgencyRecord, OrganisationRecord, Records
from idp.ports.account_locks import RegisterChange
from idp.ports.duplicates import AccountMerge
from idp.ports.identity_records import RecordChangedError
from tests.ports.samples import EVENT, NOW, ORIGIN, client, event, grant, officer, person

OLD, NEW = person(1).personal_number, person(2).personal_number
SAME = frozenset({LikenessKind.NAME_AND_BIRTHDATE})


async def loaded(stores: Stores, *numbers: int, name: str = "Nguyễn Thị Hoà") -> list[Account]:
    claims = {"name": name, "birthdate": "1999-01-02"}
    people = tuple(person(number, claims=claims) for number in numbers)
    await stores.records.load(Records(people=people), EVENT)
    accounts = [await stores.accounts.find(each.personal_number) for each in people]
    return [account for account in accounts if account is not None]


async def record_of(stores: Stores, account: Account) -> IdentityRecord:
    record = await stores.identity_records.of_person(account.person_id)
    assert record is not None
    return record


def merge_of(merged: Account, surviving: Account, change_id: str = "change-1") -> AccountMerge:
    return AccountMerge(
        merged_account_id=merged.account_id,
        merged_person_id=merged.person_id,
        surviving_account_id=surviving.account_id,
        surviving_person_id=surviving.person_id,
        change_id=change_id,
        merged_at=Seconds(NOW + 60),
        decided_by=surviving.account_id,
    )


def told(merge: AccountMerge) -> AccountsMerged:
    return AccountsMerged(
        origin=ORIGIN,
        account_id=merge.merged_account_id,
        surviving_account_id=merge.surviving_account_id,
        decided_by=merge.decided_by,
        change_id=merge.change_id,
    )


async def test_people_of_one_name_and_birthdate_are_found_in_either_spelling(stores: Stores) -> None:
    (first,) = await loaded(stores, 1)
    (second,) = await loaded(stores, 2, name="Nguyễn Thị Hòa")
    await loaded(stores, 3, name="Nguyễn Thị Hoa")

    alike = await stores.duplicates.like(await record_of(stores, first))
    assert alike == (Likeness(second.person_id, second.account_id, SAME),)


async def test_a_card_finds_whoever_it_belongs_to_and_nobody_when_it_is_two_peoples(stores: Stores) -> None:
    first, second = await loaded(stores, 1, 2)
    card = IdentityCard("TT-123456")
    await stores.identity_records.save(replace(await record_of(stores, first), card=card), event())
    assert await stores.duplicates.of_card("tt 123456") == first.person_id
    assert await stores.duplicates.of_card("tt 123457") is None
    await stores.identity_records.save(replace(await record_of(stores, second), card=card), event())
    assert await stores.duplicates.of_card("TT123456") is None
    (alike,) = await stores.duplicates.like(await record_of(stores, first))
    assert alike.kinds == {LikenessKind.CARD, LikenessKind.NAME_AND_BIRTHDATE}


async def test_likeness_follows_the_record_whoever_writes_it(stores: Stores) -> None:
    first, second = await loaded(stores, 1, 2)
    other = replace(await record_of(stores, second), claims={"name": "Trần Thị Bình", "birthdate": "1999-01-02"})
    await stores.identity_records.save(other, event())
    assert await stores.duplicates.like(await record_of(stores, first)) == ()
    await loaded(stores, 2)
    (alike,) = await stores.duplicates.like(await record_of(stores, first))
    assert alike.person_id == second.person_id


async def test_a_merged_account_is_locked_for_good_and_its_services_are_told(stores: Stores) -> None:
    surviving, merged = await loaded(stores, 1, 2)
    await stores.client_registry.save(client(), EVENT)
    await stores.grants.start(grant(merged), [])
    merge = merge_of(merged, surviving)
    record = await record_of(stores, surviving)
    record = replace(record, former_numbers=(NEW,))

    assert await stores.duplicates.merge(merge, record, (NEW,), told(merge)) == ("portal",)

    after = await stores.accounts.get(merged.account_id)
    assert after is not None
    assert (after.status, after.sessions_valid_from) == (AccountStatus.LOCKED, NOW + 61)
    ended = await stores.grants.get(GrantId("grant-1"))
    assert ended is not None
    assert not ended.is_live(Seconds(NOW))
    assert await stores.outbox.pending() == 1
    # Nobody unlocks it, by whatever hand.
    await stores.accounts.set_locked(
        merged.account_id, locked=False, now=Seconds(NOW), reason=RevocationReason.ACCOUNT_LOCKED, event=event()
    )
    after = await stores.accounts.get(merged.account_id)
    assert after is not None
    assert after.status is AccountStatus.LOCKED
    (lock,) = await stores.account_locks.of_account(merged.account_id)
    assert (lock.ground, lock.ended) == (LockGround.MERGED, None)
    names = [record.name async for record in stores.audit_log.records()]
    assert names.count("account.merged") == 1


async def test_a_lock_and_a_merge_at_once_are_the_lock_alone_or_the_merge_and_the_lock_after_it(stores: Stores) -> None:
    surviving, merged = await loaded(stores, 1, 2)
    merge, record = merge_of(merged, surviving), await record_of(stores, surviving)
    lock = NewLock(ground=LockGround.AUTHORITY, reference="12/CV")
    told_by_lock, told_by_merge = await asyncio.gather(
        stores.account_locks.open(merged.account_id, lock, Seconds(NOW), event()),
        stores.duplicates.merge(merge, record, (), told(merge)),
    )
    assert told_by_lock is not None
    assert (await stores.duplicates.merge_of(merged.account_id) is None) is (told_by_merge is None)
    assert await stores.duplicates.is_held(merged.account_id)
    assert await stores.duplicates.merge(replace(merge, change_id="change-2"), record, (), told(merge)) is None


@pytest.mark.parametrize("ground", [ground for ground in LockGround if ground not in GIVES_WAY_TO_A_MERGE])
async def test_whoever_is_held_is_not_merged_away(stores: Stores, ground: LockGround) -> None:
    surviving, merged = await loaded(stores, 1, 2)
    merge, record = merge_of(merged, surviving), await record_of(stores, surviving)
    assert not await stores.duplicates.is_held(merged.account_id)
    await stores.account_locks.open(merged.account_id, NewLock(ground=ground), Seconds(NOW), event())
    assert await stores.duplicates.is_held(merged.account_id)
    assert await stores.duplicates.merge(merge, record, (), told(merge)) is None
    assert await stores.duplicates.merge_of(merged.account_id) is None
    assert await record_of(stores, surviving) == record


async def test_the_survivor_stays_the_account_that_it_was_and_nothing_of_the_merged_record_is_lost(
    stores: Stores,
) -> None:
    surviving, merged = await loaded(stores, 1, 2)
    before, second = await record_of(stores, surviving), await record_of(stores, merged)
    merge = merge_of(merged, surviving)
    await stores.duplicates.merge(merge, replace(before, former_numbers=(NEW,)), (NEW,), told(merge))

    assert await stores.accounts.get(surviving.account_id) == surviving
    assert await record_of(stores, merged) == second
    kept = await record_of(stores, surviving)
    assert (kept.personal_number, kept.former_numbers) == (OLD, (NEW,))
    found = await stores.identity_records.of_number(NEW)
    assert found is not None
    assert found.person_id == surviving.person_id
    # The number that was given up signs nobody in, nor do contacts of the merged account; the survivor's do.
    assert await stores.accounts.find(NEW) is None
    assert await stores.accounts.find("hoa2@example.vn") is None
    for identifier in (OLD, "hoa1@example.vn"):
        account = await stores.accounts.find(identifier)
        assert account is not None
        assert account.account_id == surviving.account_id
    assert await stores.duplicates.merge_of(merged.account_id) == merge
    assert await stores.duplicates.merge_of(surviving.account_id) is None
    assert await stores.duplicates.survivor_of(merged.person_id) == surviving.person_id
    assert await stores.duplicates.survivor_of(surviving.person_id) == surviving.person_id
    assert await stores.duplicates.like(kept) == ()


async def test_the_survivor_may_take_the_number_that_was_issued_last(stores: Stores) -> None:
    surviving, merged = await loaded(stores, 1, 2)
    merge = merge_of(merged, surviving)
    record = replace(await record_of(stores, surviving), personal_number=NEW)
    await stores.duplicates.merge(merge, record, (OLD,), told(merge))

    found = await stores.accounts.find(NEW)
    assert found is not None
    assert found.account_id == surviving.account_id
    assert await stores.accounts.find(OLD) is None
    after = await record_of(stores, surviving)
    assert (after.personal_number, after.former_numbers) == (NEW, (OLD,))
    # It is the person's all the same: taken back it signs in again.
    await stores.identity_records.save(replace(after, personal_number=OLD), event())
    again = await stores.accounts.find(OLD)
    assert again is not None
    assert again.account_id == surviving.account_id


async def test_of_fifty_merges_at_once_one_counts(stores: Stores) -> None:
    surviving, merged = await loaded(stores, 1, 2)
    record = replace(await record_of(stores, surviving), former_numbers=(NEW,))
    merges = [merge_of(merged, surviving, f"change-{number}") for number in range(50)]
    outcomes = await asyncio.gather(
        *(stores.duplicates.merge(each, record, (NEW,), told(each)) for each in merges), return_exceptions=True
    )
    assert outcomes.count(()) == 1
    assert outcomes.count(None) == 49
    names = [each.name async for each in stores.audit_log.records()]
    assert names.count("account.merged") == names.count("account.lock") == 1


async def test_a_record_that_changed_meanwhile_merges_nothing(stores: Stores) -> None:
    surviving, merged = await loaded(stores, 1, 2)
    merge = merge_of(merged, surviving)
    stale = replace(await record_of(stores, surviving), seal=b"another")
    with pytest.raises(RecordChangedError):
        await stores.duplicates.merge(merge, stale, (NEW,), told(merge))
    after = await stores.accounts.get(merged.account_id)
    assert after is not None
    assert after.is_active
    assert await stores.accounts.find(NEW) == merged
    assert await stores.duplicates.merge_of(merged.account_id) is None


async def test_who_represents_organisations_goes_on_to_do_so(stores: Stores) -> None:
    surviving, merged = await loaded(stores, 1, 2)
    organisation = OrganisationRecord("0100109106", "Công ty A", (OLD, NEW))
    other = OrganisationRecord("0100112437", "Công ty B", (NEW,))
    await stores.records.load(Records(organisations=(organisation, other)), EVENT)
    merge = merge_of(merged, surviving)
    await stores.duplicates.merge(merge, await record_of(stores, surviving), (NEW,), told(merge))
    parts = [part async for part in stores.records.export()]
    told_of = {each.tax_code: each.representatives for part in parts for each in part.organisations}
    # Read back, the two are one: what was merged is part of the survivor.
    assert told_of == {"0100109106": (OLD,), "0100112437": (OLD,)}
    assert [each.personal_number for part in parts for each in part.people] == [OLD]


async def test_people_from_before_there_were_likenesses_get_theirs_with_the_words_of_their_names(
    stores: Stores,
) -> None:
    first, second = await loaded(stores, 1, 2)
    await stores.database.write(_as_before())
    assert await stores.duplicates.like(await record_of(stores, first)) == ()

    assert await stores.people_search.catch_up(100) == 2

    (alike,) = await stores.duplicates.like(await record_of(stores, first))
    assert alike.person_id == second.person_id


def _as_before() -> UnitOfWork[None]:
    yield Run(delete(person_likenesses), {})
    yield Run(insert(name_word_progress), {"part": "people", "position": "", "until": NOW + 1})


async def test_an_officer_is_known_as_one(stores: Stores) -> None:
    (account,) = await loaded(stores, 1)
    assert not await stores.duplicates.has_officer(account.person_id)
    agency = AgencyRecord("G10.01", "Cục A", "department")
    await stores.records.load(Records(agencies=(agency,), officers=(officer(1),)), EVENT)
    assert await stores.duplicates.has_officer(account.person_id)


async def tell(stores: Stores, account: Account, kind: RegisterEvent, at: int) -> str:
    received = RegisterEventReceived(
        origin=ORIGIN, client_id=ClientId("register"), event_type=kind.value, event_id=f"{kind}{at}", outcome=""
    )
    change = RegisterChange(effects=EFFECTS[kind], event_at=at, event_id=f"{kind}{at}", now=Seconds(NOW))
    return (await stores.account_locks.apply_to_person(account.person_id, change, received)).outcome


async def test_what_was_told_of_the_merged_number_counts_no_second_time_for_the_survivor(stores: Stores) -> None:
    merged, surviving = await loaded(stores, 1, 2)
    await tell(stores, merged, RegisterEvent.CARD_LOCKED, 5)
    await tell(stores, merged, RegisterEvent.CARD_UNLOCKED, 6)
    await tell(stores, merged, RegisterEvent.DEATH_ANNULLED, 9)
    await tell(stores, surviving, RegisterEvent.DEATH, 7)
    merge = merge_of(merged, surviving)
    assert await stores.duplicates.merge(merge, await record_of(stores, surviving), (), told(merge)) is not None
    assert await tell(stores, surviving, RegisterEvent.CARD_LOCKED, 5) == "overtaken"
    assert await tell(stores, surviving, RegisterEvent.CARD_LOCKED, 7) == "applied"
    # What ends the survivor's own lock comes late and counts.
    assert await tell(stores, surviving, RegisterEvent.DEATH_ANNULLED, 8) == "applied"
