"""A requirement is met by enough factors."""

import pytest

from idp.domain.assurance import Level, Method, Proof
from idp.domain.ids import Seconds
from idp.domain.requirement import Requirement

PASSWORD = Proof(Method.PASSWORD, Seconds(100))
CODE = Proof(Method.ONE_TIME_CODE, Seconds(200))


@pytest.mark.parametrize(
    ("requirement", "proofs", "met"),
    [
        (Requirement(), (), False),
        (Requirement(), (PASSWORD,), True),
        (Requirement(Level.TWO), (PASSWORD,), False),
        (Requirement(Level.TWO), (PASSWORD, CODE), True),
        (Requirement(Level.THREE), (PASSWORD, CODE), False),
    ],
)
def test_the_level_must_be_reached(requirement: Requirement, proofs: tuple[Proof, ...], met: bool) -> None:
    assert requirement.is_met_by(proofs) is met
