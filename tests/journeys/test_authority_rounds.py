from dataclasses import replace
from datetime import date

import pytest

from idp.domain.country_time import beginning_of
from idp.domain.ids import Seconds
from idp.domain.representation.guardianship import GuardianshipEnd, GuardianshipKind
from idp.domain.representation.mandate import MandateEnd
from idp.journeys.authority_rounds import AuthorityRounds
from idp.journeys.notice_rounds import PATIENCE
from idp.ports.mail import MailError
from tests.journeys.delegating import CHILD, Delegating, make_delegating
from tests.journeys.stage import AN, ORIGIN, Stage
from tests.ports.samples import EVENT

BORN = date(2015, 3, 4)
FOURTEEN = beginning_of(date(2029, 3, 4))


@pytest.fixture
async def delegating(stage: Stage) -> Delegating:
    return await make_delegating(stage)


@pytest.fixture
def rounds(stage: Stage) -> AuthorityRounds:
    stores = stage.stores
    return AuthorityRounds(
        stores.mandates,
        stores.guardianships,
        stores.accounts,
        stage.letter_box,
        stage.clock,
        stage.entropy,
        default_locale="vi",
    )


async def guarding(delegating: Delegating) -> str:
    asked = await delegating.guardians.ask(delegating.an, GuardianshipKind.MINOR, CHILD, "Nguyễn Thị Bé", BORN, ORIGIN)
    child = await delegating.stage.stores.identity_records.of_number(CHILD)
    assert child is not None
    now = delegating.stage.clock.now()
    await delegating.stage.stores.guardianships.confirm(asked.guardianship_id, child.person_id, now, EVENT)
    return asked.guardianship_id


async def test_mandates_are_closed_after_their_last_day(delegating: Delegating, rounds: AuthorityRounds) -> None:
    mandate = await delegating.given()
    assert await rounds.go(lambda: True) == 0
    delegating.stage.clock.at = mandate.valid_to
    assert await rounds.go(lambda: False) == 0
    assert await rounds.go(lambda: True) == 1
    assert await rounds.go(lambda: True) == 0
    (seen,) = await delegating.mandates.of(delegating.an)
    assert seen.mandate.end is MandateEnd.EXPIRED


async def test_a_guardian_is_told_as_the_child_turns_fourteen_and_it_is_over(
    delegating: Delegating, rounds: AuthorityRounds
) -> None:
    await guarding(delegating)
    stage = delegating.stage
    stage.clock.at = FOURTEEN - 1
    assert await rounds.go(lambda: True) == 0
    stage.clock.at = FOURTEEN
    assert await rounds.go(lambda: True) == 2
    assert await rounds.go(lambda: True) == 0
    assert [text for _, text, _ in stage.letter_box.letters] == ["14"]
    (seen,) = await delegating.guardians.of(delegating.an)
    assert seen.guardianship.end is GuardianshipEnd.GROWN_UP
    (reviewed,) = await stage.events("guardianship.reviewed")
    assert '"delivered":true' in reviewed


async def test_a_full_mail_server_keeps_nothing_from_ending_and_the_guardian_is_told_when_it_takes_mail_again(
    delegating: Delegating, rounds: AuthorityRounds
) -> None:
    await guarding(delegating)
    stage = delegating.stage
    stage.letter_box.is_full = True
    stage.clock.at = FOURTEEN
    assert await rounds.go(lambda: True) == 1
    (seen,) = await delegating.guardians.of(delegating.an)
    assert seen.guardianship.end is GuardianshipEnd.GROWN_UP
    assert await stage.events("guardianship.reviewed") == []
    stage.letter_box.is_full = False
    stage.clock.advance(PATIENCE + 1)
    assert await rounds.go(lambda: True) == 1
    assert [text for _, text, _ in stage.letter_box.letters] == ["14"]
    (reviewed,) = await stage.events("guardianship.reviewed")
    assert '"delivered":true' in reviewed


async def test_a_guardian_who_cannot_be_told_within_seven_days_is_noted_as_not_told(
    delegating: Delegating, rounds: AuthorityRounds
) -> None:
    await guarding(delegating)
    stage = delegating.stage
    stage.letter_box.is_full = True
    for waited, done in ((0, 1), (PATIENCE - 1, 0), (PATIENCE, 1), (PATIENCE + 1, 0)):
        stage.clock.at = Seconds(FOURTEEN + waited)
        assert await rounds.go(lambda: True) == done
    (reviewed,) = await stage.events("guardianship.reviewed")
    assert '"delivered":false' in reviewed
    assert AN not in reviewed


async def test_a_mail_server_that_takes_nothing_ends_the_telling_and_not_the_ending(
    delegating: Delegating, rounds: AuthorityRounds
) -> None:
    stage = delegating.stage
    for _ in range(6):
        await guarding(delegating)
    stage.letter_box.is_full = True
    stage.clock.at = FOURTEEN
    with pytest.raises(MailError):
        await rounds.go(lambda: True)
    assert [each.guardianship.end for each in await delegating.guardians.of(delegating.an)] == [
        GuardianshipEnd.GROWN_UP
    ] * 6
    stage.letter_box.is_full = False
    assert await rounds.go(lambda: True) == 6


async def test_a_round_reads_what_is_due_and_nothing_else(delegating: Delegating, rounds: AuthorityRounds) -> None:
    await guarding(delegating)
    stage, guardianships = delegating.stage, delegating.stage.stores.guardianships
    assert len(await guardianships.due(stage.clock.now(), None, 10)) == 1
    assert await rounds.go(lambda: False) == 0
    assert len(await guardianships.due(stage.clock.now(), None, 10)) == 1
    assert await rounds.go(lambda: True) == 0
    assert await guardianships.due(stage.clock.now(), None, 10) == ()

    stage.clock.at = FOURTEEN
    assert await rounds.go(lambda: True) == 2
    assert await rounds.go(lambda: True) == 0
    stage.clock.at = Seconds(2 * FOURTEEN)
    assert await guardianships.due(stage.clock.now(), None, 10) == ()


async def test_a_child_whose_birthdate_is_corrected_grows_up_in_the_next_round(
    delegating: Delegating, rounds: AuthorityRounds
) -> None:
    await guarding(delegating)
    stage = delegating.stage
    assert await rounds.go(lambda: True) == 0
    child = await stage.stores.identity_records.of_number(CHILD)
    assert child is not None
    corrected = replace(child, claims={**child.claims, "birthdate": "2013-02-01"})
    await stage.stores.identity_records.save(corrected, EVENT)
    stage.clock.at = beginning_of(date(2027, 2, 1))
    assert await rounds.go(lambda: True) == 2
    (seen,) = await delegating.guardians.of(delegating.an)
    assert seen.guardianship.end is GuardianshipEnd.GROWN_UP
    assert [text for _, text, _ in stage.letter_box.letters] == ["14"]
