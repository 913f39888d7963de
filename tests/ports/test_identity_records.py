"""The contract of `IdentityRecords`."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from idp.adapters.sql.stores import Stores
from idp.domain.accounts.account import Account
from idp.domain.ids import AccountId, PersonId, Seconds
from idp.domain.people.identity_record import (
    POPULATION_REGISTER,
    AttributeFacts,
    IdentityCard,
    IdentityRecord,
    NewPerson,
)
from idp.domain.records import AgencyRecord, Loaded, Records
from idp.ports.identity_records import AlreadyKnownError, RecordChangedError, RegisterMoment
from idp.ports.records import RecordConflictError
from tests.ports.samples import EVENT, NOW, event, officer, person

FACTS = AttributeFacts(POPULATION_REGISTER, Seconds(NOW), Seconds(NOW + 1000))
CARD = IdentityCard("001099000001", "2022-03-04", "2032-03-04")
EVIDENCE = {"time": "2026-01-02T03:04:05+00:00", "evidence": [{"type": "electronic_record"}]}
NEW = NewPerson(
    personal_number="001099000001",
    identity_level=1,
    claims={"name": "Nguyễn Thị Hoà", "birthdate": "1999-01-02", "residence": {"province": "01"}},
    level_expires_at=Seconds(NOW + 5000),
    verification=EVIDENCE,
    attributes={"name": FACTS, "birthdate": FACTS, "personal_number": FACTS},
    card=CARD,
    own_claims={"locale": "vi"},
    email="hoa1@example.vn",
    password_hash="$argon2id$hash",
)


async def record_of(stores: Stores, number: str = NEW.personal_number) -> IdentityRecord:
    record = await stores.identity_records.of_number(number)
    assert record is not None
    return record


async def test_a_new_person_is_found_by_person_account_and_number(stores: Stores) -> None:
    account_id = await stores.identity_records.create(NEW, event())
    record = await record_of(stores)
    assert record == IdentityRecord(
        person_id=record.person_id,
        personal_number=NEW.personal_number,
        identity_level=1,
        claims=NEW.claims,
        level_expires_at=NEW.level_expires_at,
        verification=EVIDENCE,
        attributes=NEW.attributes,
        card=CARD,
        seal=record.seal,
    )
    assert await stores.identity_records.of_account(account_id) == record
    assert await stores.identity_records.of_person(record.person_id) == record


async def test_a_new_person_signs_in_with_number_and_contact(stores: Stores) -> None:
    account_id = await stores.identity_records.create(NEW, event())
    for identifier in (NEW.personal_number, "hoa1@example.vn"):
        account = await stores.accounts.find(identifier)
        assert account is not None
        assert (account.account_id, account.password_hash, account.locale) == (account_id, "$argon2id$hash", "vi")
    profile = await stores.accounts.profile(account_id)
    assert profile is not None
    assert (profile.identity_level, profile.claims["email"]) == (1, "hoa1@example.vn")


async def test_nobody_is_none(stores: Stores, account: Account) -> None:
    records = stores.identity_records
    assert await records.of_person(PersonId("nobody")) is None
    assert await records.of_account(AccountId("nobody")) is None
    # A telephone number is no personal number, whoever has it.
    assert [await records.of_number(number) for number in ("001099000002", "+84900000001", "")] == [None] * 3


async def test_a_person_of_an_operators_file_has_a_record_without_facts(stores: Stores, account: Account) -> None:
    record = await stores.identity_records.of_account(account.account_id)
    assert record is not None
    assert (record.person_id, record.personal_number, record.identity_level) == (account.person_id, "001099000001", 2)
    assert record.claims == {"name": "Nguyễn Thị Hoà", "birthdate": "1999-01-02", "gender": "male"}
    assert (record.attributes, record.card, record.former_numbers, record.level_expires_at) == ({}, None, (), None)


async def test_both_accounts_of_a_human_have_one_record(stores: Stores, account: Account) -> None:
    agency = AgencyRecord("G10.01", "Cục Đất đai", "department")
    await stores.records.load(Records(agencies=(agency,), officers=(officer(1),)), EVENT)
    at_work = await stores.accounts.find("b1@g10.example.vn")
    assert at_work is not None
    assert await stores.identity_records.of_account(at_work.account_id) == await record_of(stores)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({}, "personal_number"),
        ({"personal_number": "001099000002"}, "email"),
        ({"personal_number": "001099000002", "email": None, "phone_number": "+84900000001"}, "phone_number"),
    ],
)
async def test_whoever_is_known_is_not_made_again(
    stores: Stores, account: Account, changes: dict[str, str | None], field: str
) -> None:
    told: dict[str, Any] = {"email": "hoa1@example.vn", **changes}
    wanted = replace(NEW, **told)
    with pytest.raises(AlreadyKnownError) as refused:
        await stores.identity_records.create(wanted, event())
    assert refused.value.field in ({"personal_number", "email"} if not changes else {field})
    assert await stores.identity_records.of_number("001099000002") is None
    assert await stores.accounts.find("hoa1@example.vn") == account


async def test_of_fifty_who_register_one_number_at_once_one_gets_an_account(stores: Stores) -> None:
    wanted = [replace(NEW, email=f"hoa{number}@example.vn") for number in range(50)]
    made = await asyncio.gather(
        *(stores.identity_records.create(each, event()) for each in wanted), return_exceptions=True
    )
    accounts = [each for each in made if isinstance(each, str)]
    assert len(accounts) == 1
    assert {type(each) for each in made} == {str, AlreadyKnownError}
    contacts = [await stores.accounts.find(f"hoa{number}@example.vn") for number in range(50)]
    assert [each.account_id for each in contacts if each] == accounts


async def test_a_record_is_saved_with_everything_it_says(stores: Stores) -> None:
    await stores.identity_records.create(NEW, event())
    before = await record_of(stores)
    wanted = replace(
        before, identity_level=2, level_expires_at=None, verification={"evidence": []}, attributes={}, card=None
    )
    await stores.identity_records.save(wanted, event())
    after = await record_of(stores)
    assert after.seal != before.seal
    assert replace(after, seal=before.seal) == wanted


async def test_what_changed_meanwhile_is_not_overwritten(stores: Stores) -> None:
    await stores.identity_records.create(NEW, event())
    read = await record_of(stores)
    await stores.identity_records.save(replace(read, identity_level=2), event())
    with pytest.raises(RecordChangedError):
        await stores.identity_records.save(replace(read, identity_level=0), event())
    with pytest.raises(RecordChangedError):
        await stores.identity_records.save(replace(read, person_id=PersonId("nobody")), event())
    assert (await record_of(stores)).identity_level == 2


async def test_of_fifty_changes_of_one_reading_one_is_made(stores: Stores) -> None:
    await stores.identity_records.create(NEW, event())
    read = await record_of(stores)
    saved = await asyncio.gather(
        *(stores.identity_records.save(replace(read, identity_level=2), event()) for _ in range(50)),
        return_exceptions=True,
    )
    assert [each for each in saved if not isinstance(each, RecordChangedError)] == [None]


async def test_another_number_is_the_persons_and_the_former_one_stays(stores: Stores) -> None:
    account_id = await stores.identity_records.create(NEW, event())
    read = await record_of(stores)
    await stores.identity_records.save(replace(read, personal_number="001199000009"), event())
    record = await record_of(stores, "001199000009")
    assert (record.personal_number, record.former_numbers) == ("001199000009", ("001099000001",))
    assert await record_of(stores, "001099000001") == record
    for number in ("001099000001", "001199000009"):
        account = await stores.accounts.find(number)
        assert account is not None
        assert account.account_id == account_id
    await stores.identity_records.save(replace(record, personal_number="001099000001"), event())
    back = await record_of(stores)
    assert (back.personal_number, back.former_numbers) == ("001099000001", ("001199000009",))


async def test_a_number_of_somebody_else_is_refused(stores: Stores, account: Account) -> None:
    await stores.identity_records.create(replace(NEW, personal_number="001099000002", email=None), event())
    read = await record_of(stores, "001099000002")
    with pytest.raises(AlreadyKnownError):
        await stores.identity_records.save(replace(read, personal_number="001099000001"), event())
    assert await record_of(stores, "001099000002") == read


async def test_an_import_keeps_what_it_does_not_tell(stores: Stores) -> None:
    await stores.identity_records.create(NEW, event())
    before = await record_of(stores)
    told = person(1, level=1, password_hash=None)
    assert await stores.records.load(Records(people=(told,)), EVENT) == Loaded(changed=1)
    after = await record_of(stores)
    assert after.claims == {**before.claims, "gender": "male"}
    assert replace(after, claims=before.claims, seal=before.seal) == before
    assert await stores.records.load(Records(people=(told,)), EVENT) == Loaded(unchanged=1)


async def test_an_import_that_changes_an_attribute_ends_the_facts_about_it(stores: Stores) -> None:
    await stores.identity_records.create(NEW, event())
    renamed = person(1, claims={"name": "Tên Mới", "birthdate": "1999-01-02"}, level=2)
    await stores.records.load(Records(people=(renamed,)), EVENT)
    record = await record_of(stores)
    assert set(record.attributes) == {"birthdate", "personal_number"}
    # What proved level 1 speaks for no level 2.
    assert (record.identity_level, record.verification, record.level_expires_at) == (2, None, None)
    assert record.card == CARD


async def test_a_number_of_the_register_counts_once_and_none_that_is_older_after_it(stores: Stores) -> None:
    records = stores.identity_records
    await records.create(NEW, event())
    read = await record_of(stores)
    assert await records.renumbered_at(read.person_id) is None
    assert await records.renumber(replace(read, personal_number="001199000009"), RegisterMoment(2000, "a"), event())
    read = await record_of(stores)
    for moment in (RegisterMoment(2000, "a"), RegisterMoment(1999, "b")):
        assert not await records.renumber(replace(read, personal_number="001199000008"), moment, event())
    assert await record_of(stores) == read
    assert await records.renumbered_at(read.person_id) == 2000


async def test_the_moment_of_a_number_that_could_not_be_taken_is_not_kept(stores: Stores) -> None:
    records = stores.identity_records
    await records.create(NEW, event())
    await stores.records.load(Records(people=(person(2),)), EVENT)
    read = await record_of(stores)
    taken = replace(read, personal_number=person(2).personal_number)
    with pytest.raises(AlreadyKnownError):
        await records.renumber(taken, RegisterMoment(2000, "a"), event())
    assert await records.renumbered_at(read.person_id) is None


async def test_an_import_by_a_former_number_leaves_the_one_in_force(stores: Stores) -> None:
    await stores.identity_records.create(NEW, event())
    read = await record_of(stores)
    await stores.identity_records.save(replace(read, personal_number="001199000009"), event())
    await stores.records.load(Records(people=(person(1),)), EVENT)
    assert (await record_of(stores)).personal_number == "001199000009"


async def test_an_import_does_not_take_a_contact_of_somebody_who_registered(stores: Stores) -> None:
    await stores.identity_records.create(NEW, event())
    with pytest.raises(RecordConflictError, match="email"):
        await stores.records.load(Records(people=(person(2, email="hoa1@example.vn"),)), EVENT)


async def test_an_export_of_somebody_who_registered_loads_again_without_a_change(stores: Stores) -> None:
    await stores.identity_records.create(NEW, event())
    before = await record_of(stores)
    people = [person async for piece in stores.records.export() for person in piece.people]
    assert await stores.records.load(Records(people=tuple(people)), EVENT) == Loaded(unchanged=1)
    assert await record_of(stores) == before
