"""An order as the ministry stated it, and its payment."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

# Where the simulated bank books every fee: the treasury's account.
TREASURY: Mapping[str, str] = MappingProxyType({"bank": "Kho bạc Nhà nước", "accountNumber": "3713010000"})


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be paid; every value comes from the payee, none from the browser."""

    reference: str
    dossier: str
    purpose: Mapping[str, str]  # by language
    payee: Mapping[str, str]
    amount: int  # dong
    is_paid: bool


def details_of(order: Order) -> str:
    """Return what the payer approves at the provider, exactly this payment (RFC 9396)."""
    detail = {
        "type": "payment_initiation",
        "actions": ["initiate"],
        "instructedAmount": {"currency": "VND", "amount": str(order.amount)},
        "creditorName": order.payee["vi"],
        "creditorAccount": dict(TREASURY),
        "remittanceInformation": order.reference,
    }
    return json.dumps([detail], ensure_ascii=False, sort_keys=True)


@dataclass(frozen=True, slots=True)
class Payment:
    order: Order
    receipt: str
    payer: str
    paid_at: int
    reported_at: int | None
