"""What happened to the safety of an account, as its owner reads it."""

from dataclasses import field
from typing import Final

from idp.domain.ids import AccountId, Seconds
from idp.domain.values import dataclass

KEPT: Final = 366 * 24 * 3600
"""Seconds that a person can look back; the audit record itself is kept for longer."""

_DIGITS: Final = 12
"""Hexadecimal digits of a moment in milliseconds: identifiers sort as things happened."""


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


def event_identifier(at_milliseconds: int, stream: str, sequence: int) -> str:
    """Return the identifier of the event that a record of the audit trail tells."""
    return f"{at_milliseconds:0{_DIGITS}x}-{stream}-{sequence:x}"


def first_identifier(since: Seconds) -> str:
    """Return what no identifier of an event from `since` on lies before."""
    return f"{since * 1000:0{_DIGITS}x}"
