"""Requests for correction."""

from collections.abc import Sequence
from typing import Protocol

from idp.domain.events import Event
from idp.domain.ids import AccountId
from idp.domain.people.correction import CorrectionRequest, CorrectionState


class Corrections(Protocol):
    """Keeps requests; what people and offices typed lies sealed under the person's record key."""

    async def add(self, request: CorrectionRequest, event: Event, most: int) -> bool:
        """Keep a new request; False, and no event, when so many (`most`) of this account are open already."""
        ...

    async def get(self, request_id: str) -> CorrectionRequest | None:
        """One request, or None."""
        ...

    async def of_account(self, account_id: AccountId) -> tuple[CorrectionRequest, ...]:
        """Every request of an account, newest first; at most the last hundred."""
        ...

    async def listed(
        self, states: Sequence[CorrectionState], after: CorrectionRequest | None, limit: int
    ) -> tuple[CorrectionRequest, ...]:
        """Requests in these states, the one whose answer is due first; `after`: go on behind this one."""
        ...

    async def move(self, found: CorrectionRequest, moved: CorrectionRequest, event: Event) -> bool:
        """Put `moved` in the place of `found`; False, and no event, when the state is another one meanwhile."""
        ...
