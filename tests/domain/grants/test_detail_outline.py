"""Of a detail only what decides how much has to be proved is kept."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from idp.domain.grants.detail_outline import AMOUNTS, DetailOutline, outline_of, rank_of
from tests.domain.grants.test_authorization_detail_types import DOSSIER, PAYMENT


def test_neither_payee_nor_dossier_is_in_an_outline() -> None:
    assert outline_of(PAYMENT) == DetailOutline("payment_initiation", ("initiate", "status"), "VND", 1_000_000)
    assert outline_of(DOSSIER).type == "dossier_access"
    told = f"{outline_of(PAYMENT)}{outline_of(DOSSIER)}"
    assert PAYMENT["creditorName"] not in told
    assert DOSSIER["identifier"] not in told


@pytest.mark.parametrize(
    ("amount", "rank"),
    [("0", 0), ("0.99", 0), ("1", 1), ("1.999", 1), ("2", 2), ("4.99", 2), ("5", 5), ("9999999", 5_000_000)],
)
def test_an_amount_has_the_rank_of_the_step_below_it(amount: str, rank: int) -> None:
    assert rank_of(amount) == rank


@given(some.integers(0, 10**17), some.integers(0, 999), some.sampled_from(AMOUNTS))
def test_the_rank_tells_exactly_whether_a_rule_applies(whole: int, thousandths: int, beginning: int) -> None:
    amount = f"{whole}.{thousandths:03d}"
    assert (rank_of(amount) >= beginning) is (Decimal(amount) >= beginning)
