"""How many people an administrator looks up: more than a day's work is refused, and the audit trail says so."""

from idp.domain.events import LookUpsExceeded
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.errors import TooManyLookUpsError
from idp.journeys.throttling import SlowDownError, Throttling
from idp.ports.audit import AuditTrail
from idp.ports.clock import Clock


class LookUpBudget:
    """One budget for people, officers, locks and counters: a search, a further page, an opened record take one each."""

    def __init__(self, throttling: Throttling, audit: AuditTrail, clock: Clock) -> None:
        self._throttling = throttling
        self._audit = audit
        self._clock = clock

    async def take(self, admin: Administrator) -> None:
        """Take one look-up. Raises `TooManyLookUpsError`, which is in the audit trail then."""
        try:
            await self._throttling.take(self._throttling.for_look_ups(admin.account_id), self._clock.now())
        except SlowDownError:
            event = LookUpsExceeded(origin=admin.origin, account_id=admin.account_id, agency_code=admin.agency_code)
            await self._audit.record(event)
            raise TooManyLookUpsError from None
