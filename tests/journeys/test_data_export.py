import gc
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
import pytest

from idp.domain.events import CorrectionMoved
from idp.domain.ids import AccountId, Seconds
from idp.domain.people.correction import CorrectionState
from idp.journeys.data_export import FORMAT, PAGE, DataExport, ExportPorts, told, told_time
from tests.journeys.stage import AN, ORIGIN, Stage
from tests.journeys.test_own_corrections import RIGHT, corrections
from tests.journeys.test_safety_export import safety_of
from tests.ports.test_releases import release


def export(stage: Stage) -> DataExport:
    stores = stage.stores
    return DataExport(
        ExportPorts(
            accounts=stores.accounts,
            safety=safety_of(stage),
            identity_records=stores.identity_records,
            consents=stores.consents,
            releases=stores.releases,
            record_accesses=stores.record_accesses,
            corrections=stores.corrections,
            closures=stores.account_closures,
            locks=stores.account_locks,
            mandates=stores.mandates,
            guardianships=stores.guardianships,
            audit=stores.audit_trail,
            clock=stage.clock,
        ),
        "https://id.example",
    )


async def test_the_document_is_json_however_long_and_leaves_an_event_before_it_leaves(stage: Stage) -> None:
    current = await stage.signed_in()
    account_id = current.account.account_id
    await stage.stores.releases.add("s", 0, 1, [release(account_id, at=day * 86_400) for day in range(1, PAGE + 20)])

    pieces = await export(stage).begin(current, ORIGIN)
    assert len(await stage.events("own_data.exported")) == 1
    document: dict[str, Any] = msgspec.json.decode(b"".join([piece async for piece in pieces]))

    assert document["format"] == FORMAT
    assert len(document["releases"]) == PAGE + 19
    assert document["identity_record"]["personal_number"] == AN
    assert "seal" not in document["identity_record"]
    assert document["this_session"]["proofs"][0]["method"] == "password"
    assert document["closing"] is None
    assert {each["name"] for each in document["own_claims"]} >= {"email", "address"}


async def test_whoever_leaves_before_the_lists_leaves_nothing_begun(
    stage: Stage, recwarn: pytest.WarningsRecorder
) -> None:
    pieces = await export(stage).begin(await stage.signed_in(), ORIGIN)
    async for piece in pieces:
        if b'"contacts"' in piece:
            break
    await pieces.aclose()
    gc.collect()
    assert [str(each.message) for each in recwarn] == []


async def test_who_answered_a_correction_is_not_told(stage: Stage) -> None:
    current = await stage.signed_in()
    account_id = current.account.account_id
    asked = await corrections(stage).ask(account_id, RIGHT, "Khai sinh", ORIGIN)
    officer = AccountId("account-of-an-officer")
    answered = replace(asked, state=CorrectionState.ACCEPTED, answered_by=officer, answer="Đúng", change_id="change")
    event = CorrectionMoved(
        origin=ORIGIN, account_id=account_id, request_id=asked.request_id, state="accepted", claims=("name",)
    )
    assert await stage.stores.corrections.move(asked, answered, event)

    pieces = await export(stage).begin(current, ORIGIN)
    (told_request,) = msgspec.json.decode(b"".join([piece async for piece in pieces]))["corrections"]

    assert told_request["answer"] == "Đúng"
    assert not {"answered_by", "change_id"} & told_request.keys()


@dataclass(frozen=True)
class Sample:
    """Something with moments in it."""

    at: int
    answer_due: int | None
    count: int
    parts: tuple[dict[str, int], ...] = field(default=({"verified_at": 0},))


def test_moments_are_told_as_such_and_other_numbers_as_numbers() -> None:
    assert told(Sample(0, None, 0)) == {
        "at": "1970-01-01T00:00:00Z",
        "answer_due": None,
        "count": 0,
        "parts": [{"verified_at": "1970-01-01T00:00:00Z"}],
    }
    assert told_time(Seconds(1_790_000_000)) == "2026-09-21T14:13:20Z"
