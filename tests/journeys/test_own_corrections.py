from datetime import date

import pytest

from idp.domain.country_time import beginning_of
from idp.domain.people.correction import MOST_WAITING, CorrectionState
from idp.domain.refused_value import RefusedValue
from idp.journeys.own_corrections import OwnCorrections, TooManyRequestsError
from tests.journeys.stage import BINH, ORIGIN, Stage

RIGHT = {"name": "Nguyễn Văn Ân"}


def corrections(stage: Stage) -> OwnCorrections:
    stores = stage.stores
    return OwnCorrections(stores.corrections, stores.identity_records, stores.special_days, stage.clock, stage.entropy)


async def test_a_request_is_kept_with_its_deadlines_and_no_value_in_the_trail(stage: Stage) -> None:
    account_id = await stage.account_id()
    request = await corrections(stage).ask(account_id, RIGHT, "Khai sinh", ORIGIN)

    assert await corrections(stage).listed(account_id) == (request,)
    assert stage.clock.at < request.answer_due < request.complete_due
    (event,) = await stage.events("correction.moved")
    assert "waiting" in event
    assert "name" in event
    assert "Nguy" not in event


async def test_what_changes_nothing_or_has_no_reason_is_not_kept(stage: Stage) -> None:
    account_id = await stage.account_id()
    for typed, reason in (({"name": "Nguyễn Văn An"}, "x"), (RIGHT, "")):
        with pytest.raises(RefusedValue):
            await corrections(stage).ask(account_id, typed, reason, ORIGIN)
    assert await corrections(stage).listed(account_id) == ()


async def test_a_birth_may_be_of_today_as_the_country_counts_and_of_no_later_day(stage: Stage) -> None:
    account_id = await stage.account_id()
    # In UTC it is the evening before.
    stage.clock.at = beginning_of(date(2026, 11, 24))
    with pytest.raises(RefusedValue):
        await corrections(stage).ask(account_id, {"birthdate": "2026-11-25"}, "x", ORIGIN)
    request = await corrections(stage).ask(account_id, {"birthdate": "2026-11-24"}, "x", ORIGIN)
    assert request.wanted == {"birthdate": "2026-11-24"}


async def test_only_so_many_wait_at_a_time(stage: Stage) -> None:
    account_id = await stage.account_id()
    for _ in range(MOST_WAITING):
        await corrections(stage).ask(account_id, RIGHT, "x", ORIGIN)
    with pytest.raises(TooManyRequestsError):
        await corrections(stage).ask(account_id, RIGHT, "x", ORIGIN)


async def test_the_person_alone_takes_a_request_back_and_once(stage: Stage) -> None:
    account_id, other = await stage.account_id(), await stage.account_id(BINH)
    request = await corrections(stage).ask(account_id, RIGHT, "x", ORIGIN)
    assert not await corrections(stage).take_back(other, request.request_id, ORIGIN)
    assert not await corrections(stage).take_back(account_id, "another", ORIGIN)
    assert await corrections(stage).take_back(account_id, request.request_id, ORIGIN)
    assert not await corrections(stage).take_back(account_id, request.request_id, ORIGIN)
    (found,) = await corrections(stage).listed(account_id)
    assert (found.state, found.completed_at) == (CorrectionState.WITHDRAWN, stage.clock.at)
