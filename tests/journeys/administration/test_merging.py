from asyncio import gather
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from idp.domain.accounts.account_lock import LockGround, NewLock
from idp.domain.ids import AccountId
from idp.domain.offices.change_request import ChangeRequest, ChangeState
from idp.domain.people.identity_record import IdentityCard
from idp.domain.people.record_access import Purpose
from idp.domain.records import OfficerRecord, Records
from idp.journeys.administration.errors import (
    AdministrationError,
    ChangedMeanwhileError,
    InvalidEntryError,
    NotAllowedError,
    NotFoundError,
)
from idp.journeys.administration.merging import WantedMerge
from idp.journeys.administration.own_identity import OwnIdentityError
from tests.journeys.administration.counter import ADMIN, FIRST, TWIN, WOMAN, Counter, person
from tests.journeys.stage import Stage
from tests.ports.samples import EVENT

KEEP = WantedMerge(other_survives=False, other_number=False)


async def asked(counter: Counter, wanted: WantedMerge = KEEP, number: str = WOMAN, other: str = TWIN) -> ChangeRequest:
    case = await counter.proofing.open(counter.first, number)
    return await counter.merging.ask(counter.first, case.case_id, await counter.account(other), wanted)


async def test_two_accounts_of_one_human_become_one_when_an_identity_administrator_agrees(counter: Counter) -> None:
    surviving, merged = await counter.account(WOMAN), await counter.account(TWIN)
    change = await asked(counter)
    for admin in (counter.first, counter.second):
        with pytest.raises(NotAllowedError):
            await counter.four_eyes.approve(admin, change.change_id, change.digest)

    await counter.four_eyes.approve(counter.admin, change.change_id, change.digest)

    assert await counter.account(WOMAN) == surviving
    locked = await counter.stage.stores.accounts.get(merged)
    assert locked is not None
    assert not locked.is_active
    assert await counter.stage.stores.accounts.find(TWIN) is None
    assert (await counter.record(TWIN)).person_id == (await counter.record(WOMAN)).person_id
    assert (await counter.record()).former_numbers == (TWIN,)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(other_survives=st.booleans(), other_number=st.booleans())
async def test_whichever_survives_it_stays_the_account_that_it_was(
    counter: Counter, other_survives: bool, other_number: bool
) -> None:
    """`sub` is made of the account's identifier: what survives is neither made anew nor touched."""
    suffix = 20 + 2 * other_survives + other_number
    this, other = f"0011990001{suffix}", f"0011990002{suffix}"
    people = tuple(person(number, f"Phạm Thị {suffix}", "1999-09-09") for number in (this, other))
    await counter.stage.stores.records.load(Records(people=people), EVENT)
    accounts = {number: await counter.stage.stores.accounts.find(number) for number in (this, other)}
    survivor, merged = accounts[other if other_survives else this], accounts[this if other_survives else other]
    in_force = other if other_number else this
    assert survivor is not None
    assert merged is not None
    second_record = await counter.stage.stores.identity_records.of_account(merged.account_id)

    change = await asked(counter, WantedMerge(other_survives=other_survives, other_number=other_number), this, other)
    await counter.four_eyes.approve(counter.admin, change.change_id, change.digest)

    stores = counter.stage.stores
    assert await stores.accounts.get(survivor.account_id) == survivor
    assert await stores.accounts.find(in_force) == survivor
    assert await stores.accounts.find(other if in_force == this else this) is None
    record = await stores.identity_records.of_account(survivor.account_id)
    assert record is not None
    assert {record.personal_number, *record.former_numbers} == {this, other}
    assert await stores.identity_records.of_account(merged.account_id) == second_record


async def test_only_records_that_are_alike_are_compared(counter: Counter) -> None:
    case = await counter.proofing.open(counter.first, WOMAN)
    compared = await counter.merging.compare(counter.first, case.case_id, await counter.account(TWIN))
    assert compared.other.record == await counter.record(TWIN)
    for stranger in (await counter.account(FIRST), AccountId("unknown"), case.account_id):
        with pytest.raises(NotFoundError):
            await counter.merging.compare(counter.first, case.case_id, stranger)
        with pytest.raises(NotFoundError):
            await counter.merging.ask(counter.first, case.case_id, stranger, KEEP)
    with pytest.raises(NotFoundError):
        await counter.merging.compare(counter.elsewhere, case.case_id, await counter.account(TWIN))


async def test_the_decider_reads_both_and_what_would_become_of_them(counter: Counter) -> None:
    change = await asked(counter, WantedMerge(other_survives=True, other_number=False))
    shown = await counter.four_eyes.shown(change)

    assert (shown["account_stays"], shown["account_locked"]) == ("account_other", "account_this")
    assert shown["number_in_force"] == "account_this"
    case_id, _, other = shown["comparison"].partition("/merge/")
    compared = await counter.merging.compare(counter.admin, case_id, AccountId(other))
    assert compared.other.record == await counter.record(TWIN)
    assert WOMAN not in str(shown) + str(change.payload)


async def test_every_look_leaves_a_trace_that_the_person_sees(counter: Counter) -> None:
    accesses = counter.stage.stores.record_accesses
    person, twin = await counter.record(WOMAN), await counter.record(TWIN)
    case = await counter.proofing.open(counter.first, WOMAN)
    for _ in range(2):
        await counter.merging.compare(counter.first, case.case_id, await counter.account(TWIN))

    (seen,) = await accesses.of_person(person.person_id, "", 10)
    assert (seen.officer, seen.agency_name, seen.purpose) == (
        counter.first.account_id,
        "Công an Hà Nội",
        Purpose.PROOFING,
    )
    assert seen.reference == case.case_id
    (compared,) = await accesses.of_person(twin.person_id, "", 10)
    assert compared.purpose is Purpose.DUPLICATE
    await counter.proofing.cases.see(counter.second, case.case_id)
    assert len(await accesses.of_person(person.person_id, "", 10)) == 2


async def test_whose_second_record_works_in_an_office_keeps_that_one(counter: Counter) -> None:
    officer = OfficerRecord(TWIN, "H26", "Cán bộ", (), "twin@gov.example.vn")
    await counter.stage.stores.records.load(Records(officers=(officer,)), EVENT)
    with pytest.raises(InvalidEntryError, match="surviving: officer"):
        await asked(counter)
    change = await asked(counter, WantedMerge(other_survives=True, other_number=True))
    await counter.four_eyes.approve(counter.admin, change.change_id, change.digest)
    assert await counter.account(TWIN)


@pytest.mark.parametrize("ground", [LockGround.AUTHORITY, LockGround.DEATH, LockGround.IDENTITY_CARD])
async def test_a_lock_is_not_lost_by_a_merge(counter: Counter, ground: LockGround) -> None:
    locks, twin, now = counter.stage.stores.account_locks, await counter.account(TWIN), counter.stage.clock.now()
    await locks.open(twin, NewLock(ground=LockGround.IDLE), now, EVENT)
    change = await asked(counter)
    await locks.open(twin, NewLock(ground=ground), now, EVENT)
    with pytest.raises(InvalidEntryError, match="surviving: held"):
        await asked(counter)
    with pytest.raises(InvalidEntryError, match="surviving: held"):
        await counter.four_eyes.approve(counter.admin, change.change_id, change.digest)
    held = {lock.ground for lock in await locks.of_account(twin) if lock.ended is None}
    assert held == {LockGround.IDLE, ground}


async def test_whom_time_or_the_person_locked_is_merged(counter: Counter) -> None:
    locks, twin, now = counter.stage.stores.account_locks, await counter.account(TWIN), counter.stage.clock.now()
    for ground in (LockGround.IDLE, LockGround.PERSON):
        await locks.open(twin, NewLock(ground=ground), now, EVENT)
    change = await asked(counter)
    await counter.four_eyes.approve(counter.admin, change.change_id, change.digest)
    assert LockGround.MERGED in {lock.ground for lock in await locks.of_account(twin)}


async def test_nobody_merges_his_own_records(counter: Counter) -> None:
    people = (person("001085000199", "Lê Văn E", "1985-01-01"),)
    await counter.stage.stores.records.load(Records(people=people), EVENT)
    case = await counter.proofing.open(counter.first, ADMIN)
    with pytest.raises(OwnIdentityError):
        await counter.merging.ask(counter.admin, case.case_id, await counter.account("001085000199"), KEEP)
    change = await asked(counter, KEEP, ADMIN, "001085000199")
    with pytest.raises(OwnIdentityError):
        await counter.four_eyes.approve(counter.admin, change.change_id, change.digest)
    assert await counter.account("001085000199")


async def test_what_changed_since_it_was_asked_is_not_merged(counter: Counter) -> None:
    change = await asked(counter)
    record = replace(await counter.record(TWIN), card=IdentityCard("TT-9"))
    await counter.stage.stores.identity_records.save(record, EVENT)
    with pytest.raises(ChangedMeanwhileError):
        await counter.four_eyes.approve(counter.admin, change.change_id, change.digest)
    with pytest.raises(ChangedMeanwhileError):
        await counter.merges.apply(change, counter.admin)
    assert await counter.account(TWIN)


async def test_fifty_approvals_at_once_merge_once_and_applying_again_does_nothing(counter: Counter) -> None:
    change = await asked(counter)
    outcomes = await gather(
        *(counter.four_eyes.approve(counter.admin, change.change_id, change.digest) for _ in range(50)),
        return_exceptions=True,
    )
    assert outcomes.count(None) == 1
    assert sum(isinstance(each, AdministrationError) for each in outcomes) == 49
    await counter.merges.apply(change, counter.admin)
    assert (await counter.events()).count("account.merged") == 1
    assert (await counter.four_eyes.find(counter.admin, change.change_id)).state is ChangeState.APPLIED


async def test_an_officers_account_is_nobodys_half(counter: Counter, stage: Stage) -> None:
    with pytest.raises(NotFoundError):
        await counter.merges.half(counter.first.account_id)
    with pytest.raises(NotFoundError):
        await counter.merges.version("unknown")
