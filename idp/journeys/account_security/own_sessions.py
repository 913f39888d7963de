"""The sessions that a person has open: seen, and ended one by one or all but the own."""

from typing import Final

import msgspec

from idp.domain.events import Origin, SessionEnded
from idp.domain.ids import AccountId, Seconds, SessionId
from idp.domain.sign_ins.session import Session
from idp.domain.sign_ins.session_record import SessionRecord
from idp.domain.values import dataclass
from idp.journeys.sessions import LIMITS, CurrentSession
from idp.ports.clock import Clock
from idp.ports.grants import Grants
from idp.ports.session_records import SessionRecords
from idp.ports.short_lived import ShortLivedStore

SHOWN: Final = 50
"""Sessions that are shown at once; whoever has more ends them all."""


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session as its owner sees it. `used_at` is right to half of the time that it may be idle."""

    record: SessionRecord
    used_at: Seconds
    is_this: bool


class OwnSessions:
    """Reads records and ends what they are about. What services were told of a session ends with it."""

    def __init__(self, records: SessionRecords, store: ShortLivedStore, grants: Grants, clock: Clock) -> None:
        self._records = records
        self._store = store
        self._grants = grants
        self._clock = clock

    async def of(self, current: CurrentSession) -> tuple[OpenSession, ...]:
        """The sessions that have not ended: the one that asks, then the others, the latest begun first."""
        account_id = current.account.account_id
        found = await self._records.of_account(account_id, self._clock.now(), SHOWN)
        shown = [
            OpenSession(one, await self._used_at(one), one.session_id == current.session.session_id) for one in found
        ]
        return tuple(sorted(shown, key=lambda one: not one.is_this))

    async def end(self, current: CurrentSession, session_id: SessionId, origin: Origin) -> bool:
        """End another session of this account and every grant bound to it; False when the account has none such.

        The own session is ended by signing out, which takes the cookie too.
        """
        if session_id == current.session.session_id:
            return False
        return await self._end(current.account.account_id, session_id, origin)

    async def end_others(self, current: CurrentSession, origin: Origin) -> int:
        """End every session but the one that asks; how many."""
        account_id, ended = current.account.account_id, 0
        while True:
            found = await self._records.of_account(account_id, self._clock.now(), SHOWN)
            others = [one for one in found if one.session_id != current.session.session_id]
            for one in others:
                ended += await self._end(account_id, one.session_id, origin)
            if len(found) < SHOWN:
                return ended

    async def _end(self, account_id: AccountId, session_id: SessionId, origin: Origin) -> bool:
        """End a session: its cookie first, so that whoever is stopped in between still sees it in the list."""
        record = await self._records.get(account_id, session_id)
        if record is None:
            return False
        await self._store.delete(record.store_key)
        event = SessionEnded(origin=origin, account_id=account_id, session_id=session_id, reason="by_owner")
        await self._grants.end_session(session_id, self._clock.now(), event)
        # A step-up that was under way has given it another cookie, or finds it ended and takes that one back.
        changed = await self._records.get(account_id, session_id)
        if changed is not None and changed.store_key != record.store_key:
            await self._store.delete(changed.store_key)
        return True

    async def _used_at(self, record: SessionRecord) -> Seconds:
        stored = await self._store.get(record.store_key, self._clock.now())
        if stored is None:
            return record.started_at
        session = msgspec.msgpack.decode(stored, type=Session)
        return Seconds(max(record.started_at, session.idle_expires_at - LIMITS[session.account_kind].idle))
