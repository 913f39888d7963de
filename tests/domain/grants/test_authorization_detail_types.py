from copy import deepcopy
from typing import Any

import pytest

from idp.domain.grants.authorization_detail_types import DETAIL_TYPES, DOSSIER_ACCESS, PAYMENT_INITIATION, DetailError

PAYMENT: dict[str, Any] = {
    "type": "payment_initiation",
    "actions": ["initiate", "status"],
    "instructedAmount": {"currency": "VND", "amount": "1200000"},
    "creditorName": "Sở Tư pháp Hà Nội",
    "creditorAccount": {"bank": "Kho bạc Nhà nước", "accountNumber": "3713010000"},
}
DOSSIER: dict[str, Any] = {"type": "dossier_access", "actions": ["read", "write"], "identifier": "G10.01-2026-17"}


def changed(detail: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The detail with members replaced, or left out where None."""
    return {name: value for name, value in {**deepcopy(detail), **changes}.items() if value is not None}


@pytest.mark.parametrize("detail", [
    PAYMENT, DOSSIER, {**PAYMENT, "remittanceInformation": "Lệ phí"}, {**DOSSIER, "datatypes": ["status"]},
])  # fmt: skip
def test_what_a_type_allows_passes(detail: dict[str, Any]) -> None:
    DETAIL_TYPES[detail["type"]].check(detail)


@pytest.mark.parametrize("changes", [
    {"actions": None}, {"actions": []}, {"actions": "initiate"}, {"actions": ["steal"]}, {"actions": [1]},
    {"actions": ["status", "status"]}, {"instructedAmount": None}, {"instructedAmount": {"currency": "VND"}},
    {"instructedAmount": {"currency": "vnd", "amount": "1"}}, {"instructedAmount": {"currency": "VND", "amount": 1}},
    {"instructedAmount": {"currency": "VND", "amount": "-1"}},
    {"instructedAmount": {"currency": "VND", "amount": "01"}},
    {"instructedAmount": {"currency": "VND", "amount": "1٣"}},
    {"instructedAmount": {"currency": "VND", "amount": "1.３"}},
    {"instructedAmount": {"currency": "VND", "amount": "1", "tip": "1"}}, {"creditorName": ""},
    {"creditorName": "x" * 141}, {"creditorName": "a\nb"}, {"creditorAccount": []}, {"unheard": "of"},
    {"creditorAccount": {"bank": "b", "accountNumber": "../"}}, {"locations": ["https://bank.example"]},
])  # fmt: skip
def test_what_a_payment_does_not_allow_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(DetailError):
        PAYMENT_INITIATION.check(changed(PAYMENT, **changes))


@pytest.mark.parametrize("member", ["creditorName", "remittanceInformation"])
@pytest.mark.parametrize(
    "text", ["Sở\u3164", "\u115f", "Kho\u2800bạc", "A\u034fB", "A\ufe0f", "A\u202eB", "A\u2066B", "A\u200bB", " "]
)
def test_whom_and_what_a_payment_is_for_holds_nothing_that_is_not_seen(member: str, text: str) -> None:
    with pytest.raises(DetailError):
        PAYMENT_INITIATION.check(changed(PAYMENT, **{member: text}))


@pytest.mark.parametrize("changes", [
    {"identifier": None}, {"identifier": "a b"}, {"identifier": "/x"}, {"actions": ["delete"]}, {"datatypes": ["all"]},
])  # fmt: skip
def test_what_a_dossier_does_not_allow_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(DetailError):
        DOSSIER_ACCESS.check(changed(DOSSIER, **changes))


@pytest.mark.parametrize(
    ("currency", "amount", "is_payable"),
    [("VND", "1.0", False), ("JPY", "9999999.999", False), ("EUR", "1.50", True), ("EUR", "1.505", False),
     ("KWD", "1.505", True), ("VND", "1", True)],
)  # fmt: skip
def test_an_amount_has_no_more_decimals_than_its_currency(currency: str, amount: str, is_payable: bool) -> None:
    payment = changed(PAYMENT, instructedAmount={"currency": currency, "amount": amount})
    if is_payable:
        PAYMENT_INITIATION.check(payment)
    else:
        with pytest.raises(DetailError, match="more decimals than its currency"):
            PAYMENT_INITIATION.check(payment)


def test_a_refusal_names_no_value() -> None:
    with pytest.raises(DetailError) as refused:
        PAYMENT_INITIATION.check({**PAYMENT, "creditorName": "Nguyễn\n", "a-name-of-somebody": 1})
    assert "somebody" not in str(refused.value)
    assert "Nguyễn" not in str(refused.value)


def test_a_shorter_list_goes_less_far() -> None:
    assert DOSSIER_ACCESS.covers(DOSSIER, DOSSIER)
    assert DOSSIER_ACCESS.covers(DOSSIER, changed(DOSSIER, actions=["read"]))
    assert not DOSSIER_ACCESS.covers(changed(DOSSIER, actions=["read"]), DOSSIER)


@pytest.mark.parametrize("changes", [
    {"identifier": "G10.01-2026-18"}, {"datatypes": ["status"]}, {"type": "payment_initiation"},
])  # fmt: skip
def test_anything_else_that_differs_goes_further(changes: dict[str, Any]) -> None:
    assert not DOSSIER_ACCESS.covers(DOSSIER, changed(DOSSIER, **changes))


def test_a_limit_that_was_granted_cannot_be_left_out() -> None:
    assert not DOSSIER_ACCESS.covers({**DOSSIER, "datatypes": ["status"]}, DOSSIER)


def test_another_amount_is_another_payment() -> None:
    more = changed(PAYMENT, instructedAmount={"currency": "VND", "amount": "1200001"})
    assert not PAYMENT_INITIATION.covers(PAYMENT, more)
    assert PAYMENT_INITIATION.covers(PAYMENT, changed(PAYMENT, actions=["status"]))
