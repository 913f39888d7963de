"""Accounts that nobody uses: a notice a month for two months, then a lock (Decree 69/2024).

A notice is sent first and counted afterwards, each account by itself. A crash in between leaves one notice that goes
out twice, never one that counts and did not go out. People without an e-mail address, or whose address the mail server
refuses, cannot be told; their notices count too, and the audit record says which.
"""

from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Final

from idp.domain.accounts.account import USES_APART
from idp.domain.events import AccountLocked, IdleNoticeGiven, Origin
from idp.domain.ids import RequestId, Seconds
from idp.journeys.notice_rounds import NoticeRound
from idp.ports.accounts import Accounts
from idp.ports.clock import Clock, Entropy
from idp.ports.idle_accounts import IdleAccount, IdleAccounts
from idp.ports.notifications import Notifications

NOTICES: Final = 2
DAY: Final = 24 * 3600
BETWEEN_NOTICES: Final = 30 * DAY
"""Seconds from one notice to the next, and from the last one to the lock."""

BATCH: Final = 100
LOCK_REASON: Final = "idle"


class IdleAccountRounds:
    """Looks for idle accounts and does what is due for each. `days` without use make an account idle; 0: none ever."""

    def __init__(
        self,
        idle: IdleAccounts,
        accounts: Accounts,
        notifications: Notifications,
        clock: Clock,
        entropy: Entropy,
        *,
        days: int,
        default_locale: str,
    ) -> None:
        self._idle = idle
        self._accounts = accounts
        self._notifications = notifications
        self._clock = clock
        self._entropy = entropy
        self._days = days
        self._default_locale = default_locale
        self._notices = NoticeRound()

    async def go(self, may_go_on: Callable[[], bool]) -> int:
        """Do everything that is due, in batches, asking `may_go_on` before each account; how many moved on.

        Raises `MailError` when the mail server takes nothing: the next round goes on where this one stopped.
        """
        if not self._days:
            return 0
        moved = 0
        self._notices.begin()
        origin = Origin(RequestId(self._entropy.identifier()), "rule")
        # The last step first: an account takes one step a round at most, however long the rounds paused.
        for notices in range(NOTICES, -1, -1):
            async for account in self._due(notices, may_go_on):
                moved += await (self._lock(account, origin) if notices == NOTICES else self._notify(account, origin))
        return moved

    async def _due(self, notices: int, may_go_on: Callable[[], bool]) -> AsyncIterator[IdleAccount]:
        until = Seconds(self._clock.now() - self._wait(notices))
        last: IdleAccount | None = None
        while may_go_on():
            batch = await self._idle.find(notices, until=until, after=last, limit=BATCH)
            for account in batch:
                if may_go_on():
                    yield account
            if len(batch) < BATCH:
                return
            last = batch[-1]

    def _wait(self, notices: int) -> int:
        """Seconds before the next step; a use may have come so much later than the last one that was recorded."""
        return BETWEEN_NOTICES if notices else self._days * DAY + USES_APART

    async def _lock(self, account: IdleAccount, origin: Origin) -> bool:
        event = AccountLocked(origin=origin, account_id=account.account_id, locked=True, reason=LOCK_REASON)
        return await self._idle.lock(account, self._clock.now(), event)

    async def _notify(self, account: IdleAccount, origin: Origin) -> bool:
        now = self._clock.now()
        delivered = await self._send(account, Seconds(now + (NOTICES - account.notices) * BETWEEN_NOTICES))
        if delivered is None:
            return False
        event = IdleNoticeGiven(
            origin=origin, account_id=account.account_id, number=account.notices + 1, delivered=delivered
        )
        return await self._idle.noticed(account, now, event)

    async def _send(self, account: IdleAccount, locks_at: Seconds) -> bool | None:
        """Whether the person was told; None when that has to be tried again."""
        contacts = await self._accounts.contacts(account.account_id)
        locale = account.locale or self._default_locale
        send = partial(self._notifications.idle_account, locks_at=locks_at, locale=locale)
        due_at = account.since + self._wait(account.notices)
        return await self._notices.tell(contacts, send, waited=self._clock.now() - due_at)
