"""A dangerous change that one administrator asks for and another decides before anything happens.

What was asked never changes: `digest` covers all of it, and the decider confirms the digest of what was shown.
"""

from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

import msgspec

from idp.domain.ids import AccountId, Seconds
from idp.domain.values import dataclass

LIFETIME: Final = 7 * 24 * 3600
"""Seconds in which a change has to be decided."""


class ChangeState(StrEnum):
    """Where a change stands.

    `APPROVED` and not yet `APPLIED` is left by a process that stopped in between: it can be finished.
    """

    WAITING = "waiting"
    APPROVED = "approved"
    APPLIED = "applied"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRequest:
    """One change. `subject` is the opaque name of what would change, `version` how that stood when it was asked.

    `payload` is what is asked, plain JSON values; it may hold personal data and is never logged. `agency_code` is of
    the post that the asking administrator held.
    """

    change_id: str
    kind: str
    subject: str
    version: str
    payload: dict[str, Any]
    agency_code: str
    asked_by: AccountId
    asked_at: Seconds
    expires_at: Seconds
    state: ChangeState = ChangeState.WAITING
    decided_by: AccountId | None = None
    decided_at: Seconds | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of everything that is asked, hexadecimal."""
        told = (self.change_id, self.kind, self.subject, self.version, self.payload, self.asked_by)
        return sha256(msgspec.json.encode(told, order="sorted")).hexdigest()

    def is_open(self, now: Seconds) -> bool:
        """Whether somebody may still decide."""
        return self.state is ChangeState.WAITING and now < self.expires_at
