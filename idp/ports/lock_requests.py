"""Authorities' requests to lock and unlock, and the days by which they are answered."""

from collections.abc import Iterable
from typing import Protocol

from idp.domain.accounts.lock_request import LockRequest, RequestState
from idp.domain.events import Event
from idp.domain.ids import Seconds
from idp.domain.working_days import WorkingDays


class LockRequests(Protocol):
    """Kept for good: who asked for what, why, and what came of it."""

    async def add(self, request: LockRequest, event: Event) -> None:
        """Keep a request that was entered. Raises `KeyError` when there is no such account."""
        ...

    async def get(self, request_id: str) -> LockRequest | None:
        """One request, or None."""
        ...

    async def listed(self, states: Iterable[RequestState], before: str, limit: int) -> tuple[LockRequest, ...]:
        """Requests in these states, the newest first, older than `before` (empty: from the newest on)."""
        ...

    async def move(self, found: LockRequest, moved: LockRequest, event: Event) -> bool:
        """Put `moved` in the place of `found`; False, and no event, when somebody was quicker."""
        ...

    async def carry_out(self, found: LockRequest, carried_out: LockRequest, event: Event) -> bool:
        """Do the same, and lock the account or end the lock, in one transaction."""
        ...

    async def late(self, now: Seconds) -> int:
        """How many wait longer than they may; more than a thousand are told as a thousand."""
        ...


class SpecialDays(Protocol):
    """The calendar of working days: what the release knows, and what import files tell (`RecordStore`)."""

    async def calendar(self) -> WorkingDays:
        """The calendar of this moment."""
        ...
