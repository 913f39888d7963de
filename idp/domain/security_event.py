"""What happened to the safety of an account, as its owner reads it."""

from dataclasses import field
from typing import Final

from idp.domain.ids import AccountId, Seconds
from idp.domain.values import dataclass

KEPT: Final = 366 * 24 * 3600
"""Seconds that a person can look back; the audit record itself is kept for longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityEvent:
    """One record of the audit trail about one account.

    `event_id` sorts as things happened. `name` is the event's; `details` are those of its fields that are told.
    """

    event_id: str
    account_id: AccountId
    at: Seconds
    name: str
    details: dict[str, str] = field(default_factory=dict)
