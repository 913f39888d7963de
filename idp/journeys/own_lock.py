"""A person locks the own account, at once: after a theft nobody should have to wait for an office.

Nothing more is asked than to be signed in, since locking only protects. The way back leads over a counter.
"""

from idp.domain.accounts.account_lock import LockGround, NewLock
from idp.domain.events import AccountLocked, Origin
from idp.domain.ids import ClientId
from idp.journeys.sessions import CurrentSession
from idp.ports.account_locks import AccountLocks
from idp.ports.clock import Clock


class OwnLock:
    """Locks the account of whoever is signed in."""

    def __init__(self, locks: AccountLocks, clock: Clock) -> None:
        self._locks = locks
        self._clock = clock

    async def lock(self, current: CurrentSession, origin: Origin) -> tuple[ClientId, ...]:
        """Lock: every session and grant ends with it. Returns the clients that are told."""
        account_id, ground = current.account.account_id, LockGround.PERSON
        event = AccountLocked(origin=origin, account_id=account_id, locked=True, reason=ground.value)
        told = await self._locks.open(account_id, NewLock(ground=ground), self._clock.now(), event)
        return told or ()
