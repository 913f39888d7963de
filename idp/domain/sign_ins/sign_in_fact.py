"""What was done at one sign-in, as reports count it and a new policy is tried on it; nothing in it is personal."""

from enum import StrEnum
from typing import Final

from idp.domain.accounts.account import AccountKind
from idp.domain.grants.detail_outline import DetailOutline
from idp.domain.ids import AccountId, ClientId, Seconds
from idp.domain.levels.assurance import Level, Resistance
from idp.domain.values import dataclass

KEPT: Final = 92 * 24 * 3600
"""Seconds that facts are kept: a quarter of a year. What they are made from, the audit trail, stays much longer."""


class Outcome(StrEnum):
    """What a fact is about."""

    SIGNED_IN = "signed_in"
    """Somebody proved who he or she is, or more than before."""
    GRANTED = "granted"
    """A client got what it asked for, by a fresh sign-in or by one that was there: this is what a policy judges."""
    REFUSED = "refused"
    """A client got an error."""
    PASSWORD_REFUSED = "password_refused"
    SECOND_FACTOR_REFUSED = "second_factor_refused"


@dataclass(frozen=True, slots=True)
class Shape:
    """Everything that a policy judges a granted request by, but its client and whether a second factor was there.

    `asked_level` and `asked_resistance` are what the request itself asked; `level` and `resistance` what the sign-in
    had proved; `youth` the smallest step of `requirement.FRESHNESS` that it was younger than, None when older than all.
    `silent`: no page could have been shown.
    """

    kind: AccountKind
    scopes: tuple[str, ...]
    details: tuple[DetailOutline, ...]
    asked_level: Level
    asked_resistance: Resistance
    level: Level
    resistance: Resistance
    youth: int | None
    silent: bool


@dataclass(frozen=True, slots=True)
class SignInFact:
    """One fact. `fact_id` names the audit record that it was made from.

    `client_id` is empty where somebody came without a service. `methods` are `amr` values. Whether the account had a
    second factor is looked up when the fact is stored, which is a moment after it happened.
    """

    fact_id: str
    at: Seconds
    outcome: Outcome
    client_id: ClientId | None = None
    account_id: AccountId | None = None
    account_kind: AccountKind | None = None
    error: str = ""
    acr: str = ""
    level: Level = Level.NONE
    methods: tuple[str, ...] = ()
    shape: Shape | None = None
