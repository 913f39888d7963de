"""What of an authorization detail (RFC 9396) decides how much has to be proved, and may stand in the audit trail.

Of an amount only its rank is kept, of everything else that a detail tells nothing: neither payee nor dossier.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from itertools import product
from typing import Any, Final

from idp.domain.values import dataclass

AMOUNTS: Final[tuple[int, ...]] = tuple(digit * 10**power for power, digit in product(range(16), (1, 2, 5)))
"""Amounts that a rule may begin at: so the rank of an amount tells exactly which rules it falls under."""


@dataclass(frozen=True, slots=True)
class DetailOutline:
    """One detail: its type, what is to be done, and for payments the rank of what is asked for with it (`rank_of`)."""

    type: str
    actions: tuple[str, ...] = ()
    currency: str = ""
    amount: int = 0


def outlines_of(details: Iterable[Mapping[str, Any]]) -> tuple[DetailOutline, ...]:
    """Return the outlines of checked details that are asked for together.

    The amount of each is that of all of its type and currency: one yes is to all of them, and one token carries them
    all, so that a payment is no smaller for being asked for in parts.
    """
    asked = tuple((detail, _money_of(detail)) for detail in details)
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for detail, (currency, amount) in asked:
        sums[detail["type"], currency] += amount
    return tuple(
        DetailOutline(
            type=str(detail["type"]),
            actions=tuple(sorted(detail.get("actions", ()))),
            currency=currency,
            amount=rank_of(sums[detail["type"], currency]),
        )
        for detail, (currency, _) in asked
    )


def rank_of(amount: Decimal) -> int:
    """Return the greatest of `AMOUNTS` that is not above an amount, 0 when all are."""
    return max((step for step in AMOUNTS if step <= amount), default=0)


def _money_of(detail: Mapping[str, Any]) -> tuple[str, Decimal]:
    money = detail.get("instructedAmount") or {}
    try:
        return str(money.get("currency", "")), Decimal(str(money.get("amount", "0")))
    except InvalidOperation:
        return str(money.get("currency", "")), Decimal(AMOUNTS[-1])
