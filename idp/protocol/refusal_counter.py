"""RFC 6819 section 4.4.1.11 (denial of service by exhausting resources): a flood of refusals costs little to record."""

from dataclasses import replace
from typing import Final

from idp.domain.events import AccessRefused, AuthorizationRefused, Event, Origin, RefusalsCounted, TokenRefused
from idp.domain.ids import Seconds
from idp.ports.audit import AuditTrail
from idp.ports.clock import Clock
from idp.protocol.client_authentication import AuthenticatedClient
from idp.protocol.errors import OAuthError

SPELLED_OUT: Final = 3
"""Refusals of one source, endpoint and error that are written one by one in each second; the others are counted."""


Refused = TokenRefused | AccessRefused | AuthorizationRefused


class RefusalCounter:
    """Records refusals. Of anonymous callers the first ones in a second each, the rest of that second as one event."""

    def __init__(self, trail: AuditTrail, clock: Clock) -> None:
        self._trail = trail
        self._clock = clock
        self._second = Seconds(0)
        self._counts: dict[tuple[str, str, str], RefusalsCounted] = {}

    async def access_refused(
        self, endpoint: str, error: OAuthError, origin: Origin, caller: AuthenticatedClient | None = None
    ) -> None:
        """Record that a protected endpoint refused a client or a bearer token."""
        client_id = caller.client_id if caller else error.client_id
        refused = AccessRefused(origin=origin, endpoint=endpoint, error=error.code, client_id=client_id)
        await self.record(endpoint, refused, caller)

    async def record(self, endpoint: str, refused: Refused, caller: AuthenticatedClient | None) -> None:
        """Return when the refusal is durable, or counted towards an event of this second.

        Only a confidential client is known: a public one proves nothing, and anybody can have its refusals.
        """
        if caller is None or caller.client.is_public:
            await self._count(endpoint, refused)
        else:
            await self._trail.record(refused)

    async def flush(self) -> None:
        """Write what was counted in seconds that are over; to be called every few seconds."""
        if self._clock.now() != self._second:
            await self.finish()

    async def finish(self) -> None:
        """Write everything that was counted; to be called before the process ends."""
        events = self._drain()
        if events:
            await self._trail.record(*events)

    async def _count(self, endpoint: str, refused: Refused) -> None:
        events = self._drain() if self._clock.now() != self._second else []
        key = (refused.origin.source, endpoint, refused.error)
        counted = self._counts.get(key)
        seen = counted.count if counted else 0
        self._counts[key] = RefusalsCounted(
            origin=refused.origin, endpoint=endpoint, error=refused.error, count=seen + 1
        )
        if seen < SPELLED_OUT:
            events.append(refused)
        if events:
            await self._trail.record(*events)

    def _drain(self) -> list[Event]:
        """Begin a new second; the events of the old one, without those that were spelled out."""
        counts, self._counts, self._second = self._counts, {}, self._clock.now()
        return [
            replace(counted, count=counted.count - SPELLED_OUT)
            for counted in counts.values()
            if counted.count > SPELLED_OUT
        ]
