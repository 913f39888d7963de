"""What of an authorization detail (RFC 9396) decides how much has to be proved, and may stand in the audit trail.

Of an amount only its rank is kept, of everything else that a detail tells nothing: neither payee nor dossier.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from itertools import product
from typing import Any, Final

from idp.domain.values import dataclass

AMOUNTS: Final[tuple[int, ...]] = tuple(digit * 10**power for power, digit in product(range(16), (1, 2, 5)))
"""Amounts that a rule may begin at: so the rank of an amount tells exactly which rules it falls under."""


@dataclass(frozen=True, slots=True)
class DetailOutline:
    """One detail: its type, what is to be done, and for payments the greatest of `AMOUNTS` that is not above it."""

    type: str
    actions: tuple[str, ...] = ()
    currency: str = ""
    amount: int = 0


def outline_of(detail: Mapping[str, Any]) -> DetailOutline:
    """Return the outline of a checked detail."""
    money = detail.get("instructedAmount") or {}
    return DetailOutline(
        type=str(detail["type"]),
        actions=tuple(sorted(detail.get("actions", ()))),
        currency=str(money.get("currency", "")),
        amount=rank_of(str(money.get("amount", "0"))),
    )


def rank_of(amount: str) -> int:
    """Return the greatest of `AMOUNTS` that is not above a decimal amount, 0 when all are."""
    try:
        value = Decimal(amount)
    except InvalidOperation:
        return AMOUNTS[-1]
    return max((step for step in AMOUNTS if step <= value), default=0)
