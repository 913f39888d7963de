"""What is refused on a way back leaves an event; floods of refusals are counted."""

from typing import Final

from idp.domain.accounts.recovery import Evidence
from idp.domain.events import RecoveryRefused
from idp.domain.ids import AccountId
from idp.journeys.floods import Floods
from idp.journeys.visitor import Visitor

PLACE: Final = "recover"
"""Where floods of refusals are counted."""


class Refusing:
    """Records refusals."""

    def __init__(self, floods: Floods) -> None:
        self._floods = floods

    async def record(
        self,
        visitor: Visitor,
        reason: str,
        account_id: AccountId | None = None,
        evidence: Evidence | None = None,
        *,
        request_id: str | None = None,
        helper: AccountId | None = None,
    ) -> None:
        """Return when the refusal is durable, or counted."""
        event = RecoveryRefused(
            origin=visitor.origin,
            reason=reason,
            account_id=account_id,
            evidence=evidence.value if evidence else None,
            recovery_id=request_id,
            helper=helper,
        )
        await self._floods.record(PLACE, reason, event)
