"""Changes that wait for a second pair of eyes."""

from collections.abc import Collection
from typing import Protocol

from idp.domain.events import Event
from idp.domain.ids import AccountId, Seconds
from idp.domain.offices.change_request import ChangeRequest, ChangeState


class ChangeRequests(Protocol):
    """Kept for good: who asked for what, and who decided, is part of the record."""

    async def add(self, change: ChangeRequest, event: Event) -> None:
        """Keep a change that was asked."""
        ...

    async def get(self, change_id: str) -> ChangeRequest | None:
        """One change, or None."""
        ...

    async def listed(
        self,
        states: Collection[ChangeState],
        kinds: Collection[str],
        before: str,
        limit: int,
        within: tuple[str, AccountId] | None = None,
    ) -> tuple[ChangeRequest, ...]:
        """Changes in these states and of these kinds, the newest first, that are older than the change `before`.

        An empty `before` begins with the newest. `within`: only those that were asked in an agency or under it, or by
        this very account.
        """
        ...

    async def waits(self, kinds: Collection[str], subject: str, now: Seconds) -> bool:
        """Whether a change of these kinds of one subject waits for its decision."""
        ...

    async def move(
        self,
        change_id: str,
        states: tuple[ChangeState, ChangeState],
        decided: tuple[AccountId, Seconds] | None,
        event: Event,
    ) -> bool:
        """Move a change from the first of `states` to the second; False, and no event, when it is not in the first.

        `decided` is who decided and when; None keeps what is there.
        """
        ...
