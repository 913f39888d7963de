import asyncio
from dataclasses import dataclass
from datetime import date

import pytest

from idp.domain.offices.administration import Role
from idp.domain.people.record_access import Purpose
from idp.domain.records import OfficerRecord, PersonRecord, Records
from idp.domain.representation.guardianship import Guardianship, GuardianshipEnd, GuardianshipKind
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.errors import (
    ChangedMeanwhileError,
    InvalidEntryError,
    NotAllowedError,
    NotFoundError,
)
from idp.journeys.administration.four_eyes import FourEyes
from idp.journeys.administration.guardianships import AuthorityDesk, ConfirmGuardianship
from idp.journeys.administration.own_identity import OwnIdentity, OwnIdentityError
from idp.journeys.administration.record_looks import RecordLooks
from idp.ports.authorities import WardDetails
from tests.journeys.administration.office import admin
from tests.journeys.administration.standing import EverybodyStands
from tests.journeys.delegating import CHILD, TAX_CODE, Delegating, make_delegating
from tests.journeys.stage import AN, ORIGIN, Stage
from tests.ports.samples import EVENT

STAFF = ("001077000001", "001077000002")
AUDITOR = admin("auditor", "G10", Role.AUDITOR)
BORN = date(2015, 3, 4)


@dataclass
class Staff:
    """Two administrators, who are people with records of their own."""

    asker: Administrator
    decider: Administrator


@pytest.fixture
async def staff(stage: Stage) -> Staff:
    people = tuple(
        PersonRecord(number, {"name": "Trần Thị Cán", "birthdate": "1977-03-04"}, level=2) for number in STAFF
    )
    officers = tuple(OfficerRecord(number, "G10.01", "Cán bộ", (), f"o{number}@gov.example.vn") for number in STAFF)
    await stage.stores.records.load(Records(people=people, officers=officers), EVENT)
    return Staff(*[await administrator(stage, officer.username) for officer in officers])


async def administrator(stage: Stage, identifier: str) -> Administrator:
    account = await stage.account(identifier)
    return admin(account.account_id, "G10", Role.IDENTITY_ADMIN)


@pytest.fixture
async def delegating(stage: Stage) -> Delegating:
    return await make_delegating(stage)


@pytest.fixture
def own(stage: Stage) -> OwnIdentity:
    return OwnIdentity(stage.stores.accounts, stage.stores.duplicates)


@pytest.fixture
def kind(stage: Stage, own: OwnIdentity) -> ConfirmGuardianship:
    stores = stage.stores
    looks = RecordLooks(stores.accounts, stores.record_accesses)
    return ConfirmGuardianship(stores.guardianships, stores.identity_records, own, looks, stage.clock)


@pytest.fixture
def four_eyes(stage: Stage, kind: ConfirmGuardianship) -> FourEyes:
    stores = stage.stores
    return FourEyes(
        stores.change_requests,
        [kind],
        stores.agency_tree,
        stores.audit_trail,
        stores.accounts,
        stage.clock,
        stage.entropy,
        askers=EverybodyStands(),
    )


@pytest.fixture
def desk(stage: Stage, four_eyes: FourEyes, own: OwnIdentity) -> AuthorityDesk:
    stores = stage.stores
    return AuthorityDesk(
        stores.organisations,
        stores.mandates,
        stores.guardianships,
        stores.identity_records,
        four_eyes,
        own,
        RecordLooks(stores.accounts, stores.record_accesses),
        stage.clock,
    )


async def asked(
    delegating: Delegating,
    number: str = CHILD,
    name: str = "Nguyễn Thị Bé",
    born: date = BORN,
    kind: GuardianshipKind = GuardianshipKind.MINOR,
) -> str:
    found = await delegating.guardians.ask(delegating.an, kind, number, name, born, ORIGIN)
    return found.guardianship_id


async def test_two_confirm_what_the_record_says_too(
    delegating: Delegating, desk: AuthorityDesk, four_eyes: FourEyes, staff: Staff
) -> None:
    reference = await asked(delegating)
    change = await desk.ask(staff.asker, reference)
    shown = await four_eyes.shown(change)
    assert (shown["ward.name"], shown["ward.known"]) == ("Nguyễn Thị Bé", "known")
    await four_eyes.approve(staff.decider, change.change_id, change.digest)
    sight = await desk.guardianship(staff.asker, reference)
    assert sight.record is not None
    assert sight.wardship.guardianship.ward == sight.record.person_id


async def test_a_ward_nobody_knows_gets_an_account_once(
    delegating: Delegating, desk: AuthorityDesk, four_eyes: FourEyes, kind: ConfirmGuardianship, staff: Staff
) -> None:
    reference = await asked(delegating, "001320000001", "Nguyễn Văn Tí", date(2020, 5, 6))
    change = await desk.ask(staff.asker, reference)
    await four_eyes.approve(staff.decider, change.change_id, change.digest)
    await kind.apply(change, staff.decider)
    record = await delegating.stage.stores.identity_records.of_number("001320000001")
    assert record is not None
    assert record.identity_level == 1
    (event,) = await delegating.stage.events("ward.registered")
    assert "001320000001" not in event


async def test_fifty_confirmations_at_once_make_one_child(
    delegating: Delegating, desk: AuthorityDesk, kind: ConfirmGuardianship, staff: Staff
) -> None:
    reference = await asked(delegating, "001320000001", "Nguyễn Văn Tí", date(2020, 5, 6))
    change = await desk.ask(staff.asker, reference)
    outcomes = await asyncio.gather(*(kind.apply(change, staff.decider) for _ in range(50)), return_exceptions=True)
    assert all(outcome is None or isinstance(outcome, ChangedMeanwhileError) for outcome in outcomes)
    await kind.apply(change, staff.decider)
    assert len(await delegating.stage.events("ward.registered")) == 1
    assert len(await delegating.stage.events("guardianship.confirmed")) == 1


async def test_nobody_asks_decides_or_ends_what_he_or_she_is_guardian_or_ward_of(
    delegating: Delegating, desk: AuthorityDesk, four_eyes: FourEyes, staff: Staff
) -> None:
    guardian = await administrator(delegating.stage, AN)
    of_staff = await asked(delegating, STAFF[1], "Trần Thị Cán", date(1977, 3, 4), GuardianshipKind.WARD)
    for officer, reference in ((guardian, await asked(delegating)), (staff.decider, of_staff)):
        with pytest.raises(OwnIdentityError):
            await desk.ask(officer, reference)
        with pytest.raises(OwnIdentityError):
            await desk.end(officer, reference)
        change = await desk.ask(staff.asker, reference)
        with pytest.raises(OwnIdentityError):
            await four_eyes.approve(officer, change.change_id, change.digest)
        assert (await desk.guardianship(staff.asker, reference)).wardship.guardianship.confirmed_at is None


async def test_what_the_record_contradicts_is_not_asked(
    delegating: Delegating, desk: AuthorityDesk, staff: Staff
) -> None:
    for name, born in (("Ai Đó", BORN), ("Nguyễn Thị Bé", date(2015, 3, 5))):
        with pytest.raises(InvalidEntryError):
            await desk.ask(staff.asker, await asked(delegating, name=name, born=born))


async def test_a_number_of_somebody_born_in_another_year_makes_no_child_whoever_took_the_request(
    delegating: Delegating, desk: AuthorityDesk, four_eyes: FourEyes, kind: ConfirmGuardianship, staff: Staff
) -> None:
    stores, adult = delegating.stage.stores, "001099000555"
    taken = Guardianship("1" * 32, GuardianshipKind.MINOR, delegating.an.person_id, delegating.stage.clock.now())
    await stores.guardianships.ask(taken, WardDetails(adult, "Bé Bất Kỳ", date(2020, 2, 1)), EVENT)
    with pytest.raises(InvalidEntryError, match="number_differs"):
        await desk.ask(staff.asker, taken.guardianship_id)
    change = await four_eyes.ask(staff.asker, kind.name, taken.guardianship_id, {})
    with pytest.raises(InvalidEntryError, match="number_differs"):
        await four_eyes.approve(staff.decider, change.change_id, change.digest)
    assert await stores.identity_records.of_number(adult) is None
    assert (await desk.guardianship(staff.asker, taken.guardianship_id)).wardship.guardianship.confirmed_at is None


async def test_a_request_that_was_withdrawn_meanwhile_is_not_confirmed(
    delegating: Delegating, desk: AuthorityDesk, four_eyes: FourEyes, staff: Staff
) -> None:
    reference = await asked(delegating)
    change = await desk.ask(staff.asker, reference)
    await delegating.guardians.give_up(delegating.an, reference, ORIGIN)
    with pytest.raises(ChangedMeanwhileError):
        await four_eyes.approve(staff.decider, change.change_id, change.digest)
    with pytest.raises(ChangedMeanwhileError):
        await desk.ask(staff.asker, reference)


async def test_one_refuses_a_request_and_ends_what_is_in_force(
    delegating: Delegating, desk: AuthorityDesk, four_eyes: FourEyes, staff: Staff
) -> None:
    refused, ended = await asked(delegating), await asked(delegating)
    change = await desk.ask(staff.asker, ended)
    await four_eyes.approve(staff.decider, change.change_id, change.digest)
    for reference in (refused, ended):
        await desk.end(staff.asker, reference)
        with pytest.raises(ChangedMeanwhileError):
            await desk.end(staff.asker, reference)
    ends = {
        each.guardianship.guardianship_id: each.guardianship.end
        for each in await delegating.guardians.of(delegating.an)
    }
    assert ends == {refused: GuardianshipEnd.REFUSED, ended: GuardianshipEnd.ENDED_BY_OFFICE}


async def test_others_see_and_do_nothing(delegating: Delegating, desk: AuthorityDesk) -> None:
    reference = await asked(delegating)
    with pytest.raises(NotAllowedError):
        await desk.guardianships(AUDITOR, waiting=True, after="")
    with pytest.raises(NotAllowedError):
        await desk.guardianship(AUDITOR, reference)
    with pytest.raises(NotAllowedError):
        await desk.end(AUDITOR, reference)


async def test_an_organisation_is_seen_with_its_mandates(delegating: Delegating, desk: AuthorityDesk) -> None:
    await delegating.given(giver=TAX_CODE)
    organisation, mandates = await desk.organisation(AUDITOR, TAX_CODE)
    assert sorted(organisation.people.values()) == ["Nguyễn Văn An", "Phạm Văn Dũng"]
    assert [each.holder_name for each in mandates] == ["Phạm Văn Dũng"]
    assert [each.tax_code for each in await desk.organisations(AUDITOR, "")] == [TAX_CODE]
    with pytest.raises(NotFoundError):
        await desk.organisation(AUDITOR, "0100109107")


async def test_a_known_ward_sees_who_looked_at_the_record_be_it_in_the_room_or_in_the_change(
    delegating: Delegating, desk: AuthorityDesk, four_eyes: FourEyes, staff: Staff
) -> None:
    reference = await asked(delegating)
    stores = delegating.stage.stores
    ward = await stores.identity_records.of_number(CHILD)
    assert ward is not None
    assert await stores.record_accesses.of_person(ward.person_id, "", 10) == ()
    await desk.guardianship(staff.asker, reference)
    change = await desk.ask(staff.asker, reference)
    await four_eyes.show(staff.decider, change.change_id)
    await four_eyes.show(staff.decider, change.change_id)

    looks = await stores.record_accesses.of_person(ward.person_id, "", 10)
    assert {look.officer for look in looks} == {staff.asker.account_id, staff.decider.account_id}
    assert len(looks) == 2
    assert {(look.purpose, look.reference) for look in looks} == {(Purpose.GUARDIANSHIP, reference.upper())}


async def test_a_ward_whom_nobody_knows_has_no_record_to_be_looked_at(
    delegating: Delegating, desk: AuthorityDesk, four_eyes: FourEyes, staff: Staff
) -> None:
    reference = await asked(delegating, "001320000001", "Nguyễn Văn Tí", date(2020, 5, 6))
    change = await desk.ask(staff.asker, reference)
    assert await four_eyes.show(staff.decider, change.change_id) == change
    assert await delegating.stage.events("people.records_seen") == []
