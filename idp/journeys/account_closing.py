"""Closing an account: asked by its owner, thought over for two weeks, then done, and never undone."""

from collections.abc import Callable
from typing import Final

from idp.domain.accounts.account import Account, AccountKind, mailbox
from idp.domain.accounts.account_closure import COOLING_OFF, AccountClosure
from idp.domain.events import AccountClosed, AccountClosing, Origin
from idp.domain.ids import AccountId, RequestId, Seconds
from idp.ports.account_closures import AccountClosures, OfficersDoNotCloseError
from idp.ports.accounts import Accounts
from idp.ports.clock import Clock, Entropy
from idp.ports.mail import MailError
from idp.ports.notifications import Notifications

BATCH: Final = 50


class ClosingAccounts:
    """What the owner does, and what the rule does when the time has come."""

    def __init__(
        self,
        closures: AccountClosures,
        accounts: Accounts,
        clock: Clock,
        entropy: Entropy,
        *,
        default_locale: str,
    ) -> None:
        self._closures = closures
        self._accounts = accounts
        self._clock = clock
        self._entropy = entropy
        self._default_locale = default_locale

    async def standing(self, account_id: AccountId) -> AccountClosure | None:
        """Return how the account stands; None when nobody asked to close it."""
        return await self._closures.of_account(account_id)

    async def ask(self, account: Account, notifications: Notifications, origin: Origin) -> bool:
        """Begin the cooling-off, and tell the owner by mail; False when it began before.

        Raises `OfficersDoNotCloseError` for officers, whose agencies take their accounts back.
        """
        if account.kind is not AccountKind.CITIZEN:
            raise OfficersDoNotCloseError
        now = self._clock.now()
        closure = AccountClosure(account.account_id, now, Seconds(now + COOLING_OFF))
        event = AccountClosing(origin=origin, account_id=account.account_id, asked=True)
        asked = await self._closures.ask(closure, event)
        if asked:
            await self._tell(account, closure, notifications)
        return asked

    async def take_back(self, account_id: AccountId, origin: Origin) -> bool:
        """Leave the account open after all; False when it is too late or nobody asked."""
        event = AccountClosing(origin=origin, account_id=account_id, asked=False)
        return await self._closures.take_back(account_id, self._clock.now(), event)

    async def close_due(self, may_go_on: Callable[[], bool]) -> int:
        """Close every account whose time has come, asking `may_go_on` before each; how many were closed."""
        closed = 0
        origin = Origin(RequestId(self._entropy.identifier()), "rule")
        while due := await self._closures.due(self._clock.now(), BATCH):
            before = closed
            for closure in due:
                if not may_go_on():
                    return closed
                event = AccountClosed(origin=origin, account_id=closure.account_id)
                told = await self._closures.close(closure, self._clock.now(), event)
                closed += told is not None
            if closed == before:
                break
        return closed

    async def _tell(self, account: Account, closure: AccountClosure, notifications: Notifications) -> None:
        contacts = await self._accounts.contacts(account.account_id)
        contact = mailbox(contacts)
        if contact is None:
            return
        try:
            await notifications.account_closes(contact, closure.due_at, account.locale or self._default_locale)
        except MailError:
            # The page said it too, and says it whenever the owner looks.
            return
