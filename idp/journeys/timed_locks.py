"""Locks that end by themselves once their time is over, and authorities' requests that nobody answered in time."""

from typing import Final

from idp.domain.events import LockEnded, Origin
from idp.domain.ids import AccountId, RequestId
from idp.ports.account_locks import AccountLocks
from idp.ports.clock import Clock, Entropy
from idp.ports.lock_requests import LockRequests

MOST: Final = 1_000
"""Locks that one round ends."""


class TimedLocks:
    """Ends what is due, and counts what is late."""

    def __init__(self, locks: AccountLocks, requests: LockRequests, clock: Clock, entropy: Entropy) -> None:
        self._locks = locks
        self._requests = requests
        self.late_requests = 0
        self._clock = clock
        self._entropy = entropy

    async def end_due(self) -> int:
        """End locks whose time is over, the longest first; how many."""
        origin = Origin(RequestId(self._entropy.identifier()), "rule")
        ended = 0
        for lock in await self._locks.due(self._clock.now(), MOST):
            account_id, now = AccountId(lock.holder), self._clock.now()
            event = LockEnded(origin=origin, account_id=account_id, ground=lock.ground.value)
            ended += await self._locks.end(account_id, lock.ground, lock.reference, now, event)
        self.late_requests = await self._requests.late(self._clock.now())
        return ended
