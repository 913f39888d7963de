"""Which sessions an account has open, so that its owner sees and ends each of them."""

from typing import Protocol

from idp.domain.events import Event
from idp.domain.ids import AccountId, Seconds, SessionId
from idp.domain.sign_ins.session_record import SessionRecord


class SessionRecords(Protocol):
    """Records are written as people sign in. When a session ended is told by what ended it, and not written here."""

    async def keep(
        self,
        record: SessionRecord,
        event: Event,
        *,
        valid_from: Seconds,
        used_at: Seconds | None = None,
        goes_on: bool = False,
    ) -> bool:
        """Record a session in the transaction of the event that says so; `used_at`: the account's use with it.

        `valid_from` is the account's `sessions_valid_from` that the sign-in stands on. `goes_on`: the session was there
        before and has another cookie now. False, and nothing written, when it, or everything of the account, was ended
        meanwhile: whoever made the cookie has to take it back.
        """
        ...

    async def of_account(self, account_id: AccountId, now: Seconds, limit: int) -> tuple[SessionRecord, ...]:
        """At most `limit` sessions that have not ended, the latest begun first."""
        ...

    async def get(self, account_id: AccountId, session_id: SessionId) -> SessionRecord | None:
        """A session of this account, ended or not, or None."""
        ...

    async def has_ended(self, session_id: SessionId) -> bool:
        """Whether somebody ended this one session, by signing out or from another one, within the last day."""
        ...
