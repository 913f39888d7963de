from datetime import date

import pytest

from idp.domain.representation.guardianship import GuardianshipEnd, GuardianshipKind
from idp.journeys.known_person import NotPossibleError
from tests.journeys.delegating import CHILD, Delegating, make_delegating
from tests.journeys.stage import AN, BINH, ORIGIN, Stage

BORN = date(2015, 3, 4)
MINOR, WARD = GuardianshipKind.MINOR, GuardianshipKind.WARD


@pytest.fixture
async def delegating(stage: Stage) -> Delegating:
    return await make_delegating(stage)


async def test_what_a_guardian_asks_waits_for_an_office(delegating: Delegating) -> None:
    asked = await delegating.guardians.ask(delegating.an, MINOR, CHILD, " nguyễn thị bé ", BORN, ORIGIN)
    (seen,) = await delegating.guardians.of(delegating.an)
    assert seen.guardianship == asked
    assert (seen.details.name, seen.details.birthdate) == ("nguyễn thị bé", BORN)
    (event,) = await delegating.stage.events("guardianship.asked")
    assert CHILD not in event
    assert "Bé" not in event


@pytest.mark.parametrize(
    ("kind", "number", "name", "born", "reason"),
    [
        (MINOR, CHILD, "Bé", date(1999, 1, 1), "too_old"),
        (MINOR, CHILD, "Bé", None, "birthdate"),
        (MINOR, CHILD, "Bé", date(2030, 1, 1), "birthdate"),
        (MINOR, "001099000555", "Bé", BORN, "contradicts_number"),
        (WARD, CHILD, "Bé", date(2014, 3, 4), "contradicts_number"),
        (MINOR, "12", "Bé", BORN, "number"),
        (WARD, AN, "An", date(1999, 1, 2), "oneself"),
        (WARD, CHILD, "", BORN, "person"),
    ],
)
async def test_what_cannot_be_is_refused_and_recorded(
    delegating: Delegating, kind: GuardianshipKind, number: str, name: str, born: date | None, reason: str
) -> None:
    with pytest.raises(NotPossibleError) as refusal:
        await delegating.guardians.ask(delegating.an, kind, number, name, born, ORIGIN)
    assert refusal.value.reason == reason
    (event,) = await delegating.stage.events("authority.refused")
    assert f"guardianship: {reason}" in event


async def test_a_guardian_is_a_citizen_proved_at_level_two(delegating: Delegating) -> None:
    for identifier in (BINH, "cuong@g10.example.vn"):
        account = await delegating.stage.account(identifier)
        with pytest.raises(NotPossibleError, match="level"):
            await delegating.guardians.ask(account, MINOR, CHILD, "Bé", BORN, ORIGIN)


async def test_a_guardian_gives_it_up_and_nobody_else_does(delegating: Delegating) -> None:
    asked = await delegating.guardians.ask(delegating.an, MINOR, CHILD, "Bé", BORN, ORIGIN)
    reference = asked.guardianship_id
    assert not await delegating.guardians.give_up(delegating.dung, reference, ORIGIN)
    assert await delegating.guardians.give_up(delegating.an, reference, ORIGIN)
    assert not await delegating.guardians.give_up(delegating.an, reference, ORIGIN)
    (seen,) = await delegating.guardians.of(delegating.an)
    assert seen.guardianship.end is GuardianshipEnd.WITHDRAWN
