import pytest

from idp.protocol.claims.claim_demand import Demand, read_demand, read_demands
from idp.protocol.errors import InvalidRequestError


@pytest.mark.parametrize("member", [None, {}, {"essential": False}, {"purpose": "to greet you"}])
def test_however_it_is_written_a_claim_without_constraint_is_merely_wanted(member: object) -> None:
    assert read_demand(member) == Demand()


def test_only_known_claims_are_kept() -> None:
    assert read_demands({"name": None, "claim%1/a&,.b": None}, frozenset({"name"})) == {"name": Demand()}


@pytest.mark.parametrize(
    "member", ["x", 1, [], {"essential": 1}, {"values": "x"}, {"value": {}}, {"value": None}, {"value": "x" * 257}]
)
def test_a_claim_that_is_asked_for_otherwise_is_refused(member: object) -> None:
    with pytest.raises(InvalidRequestError):
        read_demand(member)


def test_a_demand_accepts_what_it_names_and_everything_when_it_names_nothing() -> None:
    assert Demand(values=("a", "b")).accepts("b")
    assert not Demand(values=("a", "b")).accepts("c")
    assert Demand().accepts("anything")
