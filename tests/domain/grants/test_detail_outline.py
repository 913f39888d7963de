"""Of a detail only what decides how much has to be proved is kept."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from idp.domain.grants.detail_outline import AMOUNTS, DetailOutline, outlines_of, rank_of
from tests.domain.grants.test_authorization_detail_types import DOSSIER, PAYMENT


def paying(amount: str, currency: str = "VND") -> dict[str, Any]:
    return {**PAYMENT, "instructedAmount": {"currency": currency, "amount": amount}}


def test_neither_payee_nor_dossier_is_in_an_outline() -> None:
    payment, dossier = outlines_of([PAYMENT, DOSSIER])
    assert payment == DetailOutline("payment_initiation", ("initiate", "status"), "VND", 1_000_000)
    assert dossier.type == "dossier_access"
    told = f"{payment}{dossier}"
    assert PAYMENT["creditorName"] not in told
    assert DOSSIER["identifier"] not in told


def test_payments_that_are_asked_for_together_count_as_one_amount() -> None:
    parts = outlines_of([paying("9999999"), paying("1"), DOSSIER])
    assert [part.amount for part in parts] == [10_000_000, 10_000_000, 0]


def test_amounts_in_different_currencies_are_not_added() -> None:
    assert [part.amount for part in outlines_of([paying("1.50", "USD"), paying("9")])] == [1, 5]


@pytest.mark.parametrize(
    ("amount", "rank"),
    [("0", 0), ("0.99", 0), ("1", 1), ("1.999", 1), ("2", 2), ("4.99", 2), ("5", 5), ("9999999", 5_000_000)],
)
def test_an_amount_has_the_rank_of_the_step_below_it(amount: str, rank: int) -> None:
    assert rank_of(Decimal(amount)) == rank


@given(some.integers(0, 10**17), some.integers(0, 999), some.sampled_from(AMOUNTS))
def test_the_rank_tells_exactly_whether_a_rule_applies(whole: int, thousandths: int, beginning: int) -> None:
    amount = f"{whole}.{thousandths:03d}"
    assert (rank_of(Decimal(amount)) >= beginning) is (Decimal(amount) >= beginning)
