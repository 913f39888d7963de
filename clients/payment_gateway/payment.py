"""An order as the ministry stated it, and its payment."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be paid; every value comes from the payee, none from the browser."""

    reference: str
    dossier: str
    purpose: Mapping[str, str]  # by language
    payee: Mapping[str, str]
    amount: int  # dong
    is_paid: bool


@dataclass(frozen=True, slots=True)
class Payment:
    order: Order
    receipt: str
    payer: str
    paid_at: int
    reported_at: int | None
