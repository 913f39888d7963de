from typing import Any

from tests.chaos.audit import compare
from tests.chaos.ledger import Ledger, Outcome


def record(name: str, request: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, "event": {"request_id": request, **fields}}


ISSUED = record("tokens.issued", "r2", token_id="t1", grant_id="g1", generation=0)


def ledger() -> Ledger:
    return Ledger(outcomes=[Outcome(("r0", "r1"), frozenset({"password.accepted"}))], token_ids=["t1"])


def test_what_was_acknowledged_and_is_recorded_is_fine() -> None:
    kept = ledger()
    compare(kept, [record("password.accepted", "r1"), ISSUED])
    assert (kept.durable_lost, kept.single_use_violated) == ([], [])
    assert kept.checked["audit events"] == 2


def test_an_acknowledged_outcome_without_its_event_is_lost() -> None:
    kept = ledger()
    compare(kept, [record("password.accepted", "of another request"), ISSUED])
    assert kept.durable_lost == ["no audit event password.accepted"]


def test_a_token_that_nobody_recorded_is_lost() -> None:
    kept = ledger()
    compare(kept, [record("password.accepted", "r0")])
    assert kept.durable_lost == ["no audit event tokens.issued"]


def test_a_turn_that_was_issued_twice_is_a_violation_even_when_one_answer_never_came() -> None:
    kept = ledger()
    again = record("tokens.issued", "r3", token_id="t2", grant_id="g1", generation=0)
    compare(kept, [record("password.accepted", "r0"), ISSUED, again])
    assert kept.single_use_violated == ["a turn of a grant was issued twice"]


def test_the_next_turn_is_none() -> None:
    kept = ledger()
    turned = record("tokens.issued", "r3", token_id="t2", grant_id="g1", generation=1)
    compare(kept, [record("password.accepted", "r0"), ISSUED, turned])
    assert kept.single_use_violated == []
