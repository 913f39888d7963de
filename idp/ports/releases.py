"""Who saw what: releases of claims as the person sees them, stored by whoever reads the audit trail."""

from collections.abc import Sequence
from typing import Protocol

from idp.domain.clients.claims_policy import ClaimsPolicy
from idp.domain.grants.release import Release
from idp.domain.ids import AccountId, ClientId


class Releases(Protocol):
    """Stores and lists releases, and remembers the allow-lists that they were made under."""

    async def position(self, stream: str) -> int:
        """The sequence of the last record of `stream` that was read; 0 before the first."""
        ...

    async def add(self, stream: str, seen: int, reached: int, releases: Sequence[Release]) -> bool:
        """Count the releases made of the records behind `seen` up to `reached`, and move the position there.

        One transaction. False, and nothing counted, when the position is not at `seen` any more: somebody else reads.
        """
        ...

    async def of_account(self, account_id: AccountId, after: str, limit: int) -> tuple[Release, ...]:
        """At most `limit` releases, the latest day first; `after`: go on behind this `release_id`, empty at first."""
        ...

    async def terms(self, client_id: ClientId, version: str) -> ClaimsPolicy | None:
        """An allow-list that a client has or had, or None."""
        ...
