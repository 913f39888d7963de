from dataclasses import replace

import pytest

from idp.domain.ids import Seconds
from idp.domain.levels.assurance import Method, Proof
from idp.domain.sign_ins.journey_count import HOUR, FormFactor, JourneyKey, JourneyStage, Way, hour_of
from idp.journeys.attempt import Enrolment
from idp.journeys.journey_counter import JourneyCounter, way_of
from idp.ports.errors import StoreUnavailableError
from tests.journeys.stage import VISITOR, Stage

PHONE = replace(VISITOR, form_factor=FormFactor.PHONE)


@pytest.fixture
def counter(stage: Stage) -> JourneyCounter:
    return JourneyCounter(stage.stores.journey_counts, stage.clock)


async def stored(stage: Stage) -> dict[JourneyKey, int]:
    return dict(await stage.stores.journey_counts.between(Seconds(0), Seconds(stage.clock.now() + HOUR)))


async def test_counts_wait_in_memory_and_are_added_to_what_is_there(stage: Stage, counter: JourneyCounter) -> None:
    for _ in range(3):
        counter.begun(PHONE)
    assert await stored(stage) == {}
    await counter.flush()
    counter.begun(PHONE)
    await counter.flush()
    await counter.flush()
    key = JourneyKey(hour_of(stage.clock.now()), JourneyStage.BEGUN, FormFactor.PHONE, "vi")
    assert await stored(stage) == {key: 4}


async def test_counts_that_could_not_be_stored_are_kept(
    stage: Stage, counter: JourneyCounter, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unavailable(*_: object) -> None:
        raise StoreUnavailableError

    counter.begun(VISITOR)
    with monkeypatch.context() as patch:
        patch.setattr(stage.stores.journey_counts, "add", unavailable)
        with pytest.raises(StoreUnavailableError):
            await counter.flush()
    counter.begun(VISITOR)
    await counter.flush()
    assert list((await stored(stage)).values()) == [2]


async def test_only_sign_ins_for_a_service_are_counted(stage: Stage, counter: JourneyCounter) -> None:
    attempt = (await stage.with_password()).attempt
    counter.completed(VISITOR, replace(attempt, parameters=()))
    await counter.flush()
    assert await stored(stage) == {}
    counter.completed(VISITOR, replace(attempt, parameters=(("client_id", "portal"),)))
    await counter.flush()
    ((key, count),) = (await stored(stage)).items()
    assert (key.stage, key.way, count) == (JourneyStage.COMPLETED, Way.USUAL, 1)


async def test_the_way_tells_which_help_was_needed(stage: Stage) -> None:
    attempt = (await stage.with_password()).attempt
    by_recovery = replace(attempt, proofs=(*attempt.proofs, Proof(Method.RECOVERY_CODE, stage.clock.now())))
    assert way_of(attempt) is Way.USUAL
    assert way_of(by_recovery) is Way.RECOVERY_CODE
    assert way_of(replace(attempt, enrolment=Enrolment(enrolled=True))) is Way.FIRST_ENROLMENT
