from dataclasses import replace

import pytest

from idp.domain.ids import AccountId
from idp.domain.people.record_access import Purpose, Seen
from idp.journeys.administration.errors import InvalidEntryError, NotAllowedError
from idp.journeys.administration.record_looks import Occasion, RecordLooks, told_purpose
from tests.journeys.administration.people_room import admitted
from tests.journeys.stage import AN, Stage


@pytest.mark.parametrize(
    ("purpose", "reference", "field", "reason"),
    [
        ("", "H26/1", "purpose", "missing"),
        ("curiosity", "H26/1", "purpose", "missing"),
        ("assistance", "", "reference", "missing"),
        ("assistance", "vì sao", "reference", "malformed"),
        ("assistance", AN, "reference", "long_number"),
    ],
)
def test_a_look_has_a_purpose_of_the_list_and_the_reference_of_a_case(
    purpose: str, reference: str, field: str, reason: str
) -> None:
    assert told_purpose("assistance", "h26/1") == (Purpose.ASSISTANCE, "H26/1")
    with pytest.raises(InvalidEntryError) as refused:
        told_purpose(purpose, reference)
    assert (refused.value.field, refused.value.reason) == (field, reason)


async def test_a_trace_tells_the_office_and_not_the_officers_name(stage: Stage) -> None:
    looks, officer = RecordLooks(stage.stores.accounts, stage.stores.record_accesses), await admitted(stage)
    record = await stage.stores.identity_records.of_number(AN)
    assert record is not None
    occasion = Occasion("one", Purpose.LOCK, "H26/1", stage.clock.now())
    await looks.leave(officer, [record.person_id], occasion, [Seen.RECORD])
    await looks.leave(officer, [record.person_id], occasion, [Seen.RECORD])
    await looks.leave(officer, [], occasion, [Seen.RECORD])

    (trace,) = await stage.stores.record_accesses.of_person(record.person_id, "", 10)
    assert (trace.officer_id, trace.agency_code, trace.purpose) == (officer.officer_id, "G10", Purpose.LOCK)
    assert trace.position
    assert officer.display_name not in str(trace)


async def test_who_holds_no_post_sees_nothing(stage: Stage) -> None:
    looks, officer = RecordLooks(stage.stores.accounts, stage.stores.record_accesses), await admitted(stage)
    record = await stage.stores.identity_records.of_number(AN)
    assert record is not None
    occasion = Occasion("one", Purpose.LOCK, "H26/1", stage.clock.now())
    with pytest.raises(NotAllowedError):
        await looks.leave(replace(officer, account_id=AccountId("nobody")), [record.person_id], occasion, [Seen.RECORD])
    assert await stage.stores.record_accesses.of_person(record.person_id, "", 10) == ()
