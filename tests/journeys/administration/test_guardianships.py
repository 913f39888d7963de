from datetime import date

import pytest

from idp.domain.administration import Role
from idp.domain.guardianship import GuardianshipEnd, GuardianshipKind
from idp.journeys.administration.errors import (
    ChangedMeanwhileError,
    InvalidEntryError,
    NotAllowedError,
    NotFoundError,
)
from idp.journeys.administration.four_eyes import FourEyes
from idp.journeys.administration.guardianships import AuthorityDesk, ConfirmGuardianship
from tests.journeys.administration.office import admin
from tests.journeys.delegating import CHILD, TAX_CODE, Delegating, make_delegating
from tests.journeys.stage import ORIGIN, Stage

ASKER, DECIDER = admin("asker", "G10", Role.IDENTITY_ADMIN), admin("decider", "G10", Role.IDENTITY_ADMIN)
AUDITOR = admin("auditor", "G10", Role.AUDITOR)
BORN = date(2015, 3, 4)


@pytest.fixture
async def delegating(stage: Stage) -> Delegating:
    return await make_delegating(stage)


@pytest.fixture
def kind(stage: Stage) -> ConfirmGuardianship:
    return ConfirmGuardianship(stage.stores.guardianships, stage.stores.identity_records, stage.clock)


@pytest.fixture
def four_eyes(stage: Stage, kind: ConfirmGuardianship) -> FourEyes:
    stores = stage.stores
    return FourEyes(stores.change_requests, [kind], stores.agency_tree, stores.audit_trail, stage.clock, stage.entropy)


@pytest.fixture
def desk(stage: Stage, four_eyes: FourEyes) -> AuthorityDesk:
    stores = stage.stores
    return AuthorityDesk(
        stores.organisations, stores.mandates, stores.guardianships, stores.identity_records, four_eyes, stage.clock
    )


async def asked(delegating: Delegating, number: str = CHILD, name: str = "Nguyễn Thị Bé", born: date = BORN) -> str:
    found = await delegating.guardians.ask(delegating.an, GuardianshipKind.MINOR, number, name, born, ORIGIN)
    return found.guardianship_id


async def test_two_confirm_what_the_record_says_too(
    delegating: Delegating, desk: AuthorityDesk, four_eyes: FourEyes
) -> None:
    reference = await asked(delegating)
    change = await desk.ask(ASKER, reference)
    shown = await four_eyes.shown(change)
    assert (shown["ward.name"], shown["ward.known"]) == ("Nguyễn Thị Bé", "known")
    await four_eyes.approve(DECIDER, change.change_id, change.digest)
    sight = await desk.guardianship(ASKER, reference)
    assert sight.record is not None
    assert sight.wardship.guardianship.ward == sight.record.person_id


async def test_a_ward_nobody_knows_gets_an_account_once(
    delegating: Delegating, desk: AuthorityDesk, four_eyes: FourEyes, kind: ConfirmGuardianship
) -> None:
    reference = await asked(delegating, "001320000001", "Nguyễn Văn Tí", date(2020, 5, 6))
    change = await desk.ask(ASKER, reference)
    await four_eyes.approve(DECIDER, change.change_id, change.digest)
    await kind.apply(change, DECIDER)
    record = await delegating.stage.stores.identity_records.of_number("001320000001")
    assert record is not None
    assert record.identity_level == 1
    (event,) = await delegating.stage.events("ward.registered")
    assert "001320000001" not in event


async def test_what_the_record_contradicts_is_not_asked(delegating: Delegating, desk: AuthorityDesk) -> None:
    for name, born in (("Ai Đó", BORN), ("Nguyễn Thị Bé", date(2016, 3, 4))):
        with pytest.raises(InvalidEntryError):
            await desk.ask(ASKER, await asked(delegating, name=name, born=born))


async def test_a_request_that_was_withdrawn_meanwhile_is_not_confirmed(
    delegating: Delegating, desk: AuthorityDesk, four_eyes: FourEyes
) -> None:
    reference = await asked(delegating)
    change = await desk.ask(ASKER, reference)
    await delegating.guardians.give_up(delegating.an, reference, ORIGIN)
    with pytest.raises(ChangedMeanwhileError):
        await four_eyes.approve(DECIDER, change.change_id, change.digest)
    with pytest.raises(ChangedMeanwhileError):
        await desk.ask(ASKER, reference)


async def test_one_refuses_a_request_and_ends_what_is_in_force(
    delegating: Delegating, desk: AuthorityDesk, four_eyes: FourEyes
) -> None:
    refused, ended = await asked(delegating), await asked(delegating)
    change = await desk.ask(ASKER, ended)
    await four_eyes.approve(DECIDER, change.change_id, change.digest)
    for reference in (refused, ended):
        await desk.end(ASKER, reference)
        with pytest.raises(ChangedMeanwhileError):
            await desk.end(ASKER, reference)
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
