"""What an authority asks for: that an account is locked, or that its lock ends (Decree 69/2024 articles 17 and 18)."""

from enum import StrEnum
from typing import Final

from idp.domain.ids import AccountId, Seconds
from idp.domain.values import dataclass

DAYS_TO_FORWARD: Final = 1
DAYS_TO_DECIDE: Final = 2
"""Working days."""

LONGEST_TEXT: Final = 2_000
"""Characters of what is typed in a request or a refusal."""


class Direction(StrEnum):
    """What is asked for."""

    LOCK = "lock"
    UNLOCK = "unlock"


class RequestReason(StrEnum):
    """Why an authority asks."""

    PROCEEDINGS = "proceedings"
    """An agency that conducts proceedings asks."""
    COURT = "court"
    SECURITY = "security"
    FRAUD = "fraud"
    GROUND_ENDED = "ground_ended"
    """Of an unlock: the ground of the lock is gone."""
    OTHER = "other"


class RequestState(StrEnum):
    """Where a request stands."""

    ENTERED = "entered"
    FORWARDED = "forwarded"
    REFUSED = "refused"
    CARRIED_OUT = "carried_out"


OPEN: Final = (RequestState.ENTERED, RequestState.FORWARDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class LockRequest:
    """One request. `due_at` is when its next step has to be done, None once there is none.

    `lock_reference` names, where an unlock is asked for, the request whose lock would end; `until` is when the lock
    would end by itself. `legal_reference` and `refusal` may name people: kept encrypted. `document_digest` is the
    SHA-256 of the authority's letter, hexadecimal. `version` counts the steps.
    """

    request_id: str
    account_id: AccountId
    direction: Direction
    authority: str
    reason: RequestReason
    legal_reference: str
    document_digest: str
    entered_at: Seconds
    entered_by: AccountId
    due_at: Seconds | None
    state: RequestState = RequestState.ENTERED
    version: int = 0
    lock_reference: str = ""
    until: Seconds | None = None
    refusal: str = ""
    forwarded_at: Seconds | None = None
    forwarded_by: AccountId | None = None
    decided_at: Seconds | None = None
    decided_by: AccountId | None = None

    def is_late(self, now: Seconds) -> bool:
        """Whether its next step should have been done."""
        return self.due_at is not None and now >= self.due_at

    @property
    def lock(self) -> str:
        """The reference of the lock that it opens or ends."""
        return self.lock_reference or self.request_id
