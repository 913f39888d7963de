"""Agencies, and the way through their tree."""

from typing import Protocol

from idp.domain.events import Event
from idp.domain.offices.agency import Agency


class Agencies(Protocol):
    """Nothing is deleted: what ended keeps its days."""

    async def get(self, code: str) -> Agency | None:
        """One agency, or None."""
        ...

    async def above(self, code: str) -> tuple[Agency, ...]:
        """The agencies above one, the topmost first; without successors."""
        ...

    async def below(self, code: str | None, after: str, limit: int) -> tuple[Agency, ...]:
        """Agencies that stand directly under one, or under none, by code after `after`; without successors."""
        ...

    async def add(self, agency: Agency, event: Event) -> bool:
        """Found an agency; False, and no event, when the code is taken. The parent and successors are known."""
        ...

    async def replace(self, seen: Agency, agency: Agency, event: Event) -> bool:
        """Put `agency` in the place of `seen`; False, and no event, when it was changed since."""
        ...
