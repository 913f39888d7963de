from dataclasses import replace

import pytest

from idp.domain.ids import AccountId, Seconds
from idp.domain.offices.change_request import LIFETIME, ChangeRequest, ChangeState

CHANGE = ChangeRequest(
    change_id="1",
    kind="client.disable",
    subject="client:portal",
    version="7",
    payload={"a": 1, "b": [1, 2]},
    agency_code="G10",
    asked_by=AccountId("asker"),
    asked_at=Seconds(100),
    expires_at=Seconds(100 + LIFETIME),
)


@pytest.mark.parametrize(
    "other",
    [
        {"change_id": "2"},
        {"kind": "client.enable"},
        {"subject": "client:gateway"},
        {"version": "8"},
        {"payload": {"a": 1, "b": [2, 1]}},
        {"asked_by": AccountId("another")},
    ],
)
def test_the_digest_covers_all_that_is_asked(other: dict[str, object]) -> None:
    assert replace(CHANGE, **other).digest != CHANGE.digest  # type: ignore[arg-type]


def test_the_digest_does_not_hang_on_the_order_of_members_or_on_the_state() -> None:
    assert replace(CHANGE, payload={"b": [1, 2], "a": 1}).digest == CHANGE.digest
    assert replace(CHANGE, state=ChangeState.REFUSED).digest == CHANGE.digest


def test_a_change_is_open_until_it_is_decided_or_its_time_is_over() -> None:
    assert CHANGE.is_open(Seconds(100 + LIFETIME - 1))
    assert not CHANGE.is_open(Seconds(100 + LIFETIME))
    assert not replace(CHANGE, state=ChangeState.WITHDRAWN).is_open(Seconds(100))
