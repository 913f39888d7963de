from dataclasses import replace

from idp.domain.accounts.lock_request import OPEN, Direction, LockRequest, RequestReason, RequestState
from idp.domain.ids import AccountId, Seconds

REQUEST = LockRequest(
    request_id="request-1",
    account_id=AccountId("account-1"),
    direction=Direction.LOCK,
    authority="A09",
    reason=RequestReason.COURT,
    legal_reference="12/CV",
    document_digest="0" * 64,
    entered_at=Seconds(100),
    entered_by=AccountId("officer-1"),
    due_at=Seconds(200),
)


def test_a_request_is_late_from_the_end_of_its_term_on_and_not_once_it_is_done() -> None:
    assert not REQUEST.is_late(Seconds(199))
    assert REQUEST.is_late(Seconds(200))
    assert not replace(REQUEST, due_at=None).is_late(Seconds(10_000))


def test_a_request_to_lock_names_its_own_lock_and_one_to_unlock_another_s() -> None:
    assert REQUEST.lock == "request-1"
    assert replace(REQUEST, direction=Direction.UNLOCK, lock_reference="request-0").lock == "request-0"


def test_what_was_refused_or_carried_out_is_not_open() -> None:
    assert set(RequestState) - set(OPEN) == {RequestState.REFUSED, RequestState.CARRIED_OUT}
