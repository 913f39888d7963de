import pytest

from idp.journeys.known_person import TRIES, NotPossibleError, checked_number, is_called
from tests.journeys.delegating import DUNG, Delegating, make_delegating
from tests.journeys.stage import Stage


@pytest.fixture
async def delegating(stage: Stage) -> Delegating:
    return await make_delegating(stage)


@pytest.mark.parametrize("name", ["Phạm Văn Dũng", "phạm  văn dũng", "PHẠM VĂN DŨNG"])
async def test_somebody_is_found_by_number_and_name_together(delegating: Delegating, name: str) -> None:
    found = await delegating.people.find(delegating.an, DUNG, name)
    assert found.person_id == delegating.dung.person_id


@pytest.mark.parametrize(
    ("number", "name", "reason"),
    [(DUNG, "Phạm Văn", "person"), ("001088000011", "Phạm Văn Dũng", "person"), ("1", "Phạm Văn Dũng", "number")],
)
async def test_either_being_wrong_is_told_alike(delegating: Delegating, number: str, name: str, reason: str) -> None:
    with pytest.raises(NotPossibleError) as refusal:
        await delegating.people.find(delegating.an, number, name)
    assert refusal.value.reason == reason


async def test_nobody_may_try_for_long_and_others_may_go_on(delegating: Delegating) -> None:
    for _ in range(TRIES):
        await delegating.people.may_look(delegating.an)
    with pytest.raises(NotPossibleError, match="slow"):
        await delegating.people.find(delegating.an, DUNG, "Phạm Văn Dũng")
    await delegating.people.may_look(delegating.dung)


async def test_a_name_that_is_none_is_nobody_s(delegating: Delegating) -> None:
    record = await delegating.people.of_account(delegating.dung)
    assert is_called(record, "Phạm Văn Dũng")
    assert not is_called(record, "")
    assert checked_number(f" {DUNG} ") == DUNG
