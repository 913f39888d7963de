"""Notices by mail to many people, one after the other: told once, tried again for a while, or not deliverable."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from idp.domain.accounts.account import Contact, mailbox
from idp.ports.mail import MailError, RecipientRefusedError

PATIENCE: Final = 7 * 24 * 3600
"""Seconds for which a notice is tried again that the mail server does not take; then it counts as not deliverable."""

_MOST_FAILURES: Final = 5


class NoticeRound:
    """The notices of one round; a mail server that takes none of several in a row ends it."""

    def __init__(self) -> None:
        self._failed_in_a_row = 0

    def begin(self) -> None:
        """A new round: what failed in the one before does not count."""
        self._failed_in_a_row = 0

    async def tell(
        self, contacts: Iterable[Contact], send: Callable[[Contact], Awaitable[None]], *, waited: int
    ) -> bool | None:
        """Whether the person was told; None when that has to be tried again. `waited`: seconds since it was due.

        Raises `MailError` when the mail server takes nothing.
        """
        contact = mailbox(contacts)
        if contact is None:
            return False
        try:
            await send(contact)
        except RecipientRefusedError:
            return False
        except MailError:
            if waited >= PATIENCE:
                return False
            self._failed_in_a_row += 1
            if self._failed_in_a_row >= _MOST_FAILURES:
                raise
            return None
        self._failed_in_a_row = 0
        return True
