"""Sessions: begun, stepped up and ended; the cookie's value changes each time, so that none can be fixed beforehand."""

from dataclasses import replace
from hashlib import sha256
from types import MappingProxyType

import msgspec

from idp.domain.accounts.account import Account, AccountKind
from idp.domain.events import Origin, SessionEnded
from idp.domain.ids import ClientId, Seconds, SessionId
from idp.domain.levels.assurance import Proof
from idp.domain.sign_ins.session import Session
from idp.domain.values import dataclass
from idp.ports.accounts import Accounts
from idp.ports.clock import Clock, Entropy
from idp.ports.grants import Grants
from idp.ports.short_lived import ShortLivedStore


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lasts without use and in all, in seconds."""

    idle: int
    absolute: int


LIMITS = MappingProxyType(
    {
        AccountKind.CITIZEN: Limits(idle=30 * 60, absolute=12 * 3600),
        AccountKind.OFFICER: Limits(idle=15 * 60, absolute=8 * 3600),
    }
)


@dataclass(frozen=True, slots=True)
class CurrentSession:
    """A session with its account; `token` is the cookie's value."""

    session: Session
    account: Account
    token: str

    @property
    def store_key(self) -> str:
        """What the session is called in the short-lived store: made from a hash of the cookie's value."""
        return _key(self.token)

    def is_awake(self, now: Seconds) -> bool:
        """Whether somebody used it within the time that it may be idle: only then does it sign anybody in."""
        return now < self.session.idle_expires_at


class Sessions:
    """Sessions in the short-lived store, checked against the account at every use."""

    def __init__(
        self, store: ShortLivedStore, accounts: Accounts, grants: Grants, clock: Clock, entropy: Entropy
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._grants = grants
        self._clock = clock
        self._entropy = entropy

    async def current(self, token: str | None) -> CurrentSession | None:
        """The session behind a cookie; None when it is over, or its account was locked or signed out everywhere."""
        found, now = await self.known(token), self._clock.now()
        if found is None or not found.is_awake(now):
            return None
        session = found.session
        if session.idle_expires_at - now < LIMITS[session.account_kind].idle // 2:
            return replace(found, session=await self._prolong(found, now))
        return found

    async def known(self, token: str | None) -> CurrentSession | None:
        """The same, also when nobody used it for too long.

        It signs nobody in any more, but what is bound to it is still there: signing out has to end that too, and the
        same person goes on with it after signing in again.
        """
        stored = await self._store.get(_key(token), self._clock.now()) if token else None
        if stored is None or token is None:
            return None
        session = msgspec.msgpack.decode(stored, type=Session)
        account = await self._accounts.get(session.account_id)
        if account is None or not account.is_active or session.created_at < account.sessions_valid_from:
            return None
        return CurrentSession(session, account, token)

    async def begin(
        self, account: Account, proofs: tuple[Proof, ...], previous: CurrentSession | None
    ) -> CurrentSession:
        """Start a session, or carry on the person's own under a new cookie.

        The session's identifier, and with it every client's `sid`, stays when the same account signs in again.
        """
        now = self._clock.now()
        limits = LIMITS[account.kind]
        same = previous.session if previous and previous.account.account_id == account.account_id else None
        session = Session(
            session_id=same.session_id if same else SessionId(self._entropy.identifier()),
            account_id=account.account_id,
            account_kind=account.kind,
            proofs=proofs,
            created_at=max(now, account.sessions_valid_from),
            idle_expires_at=Seconds(now + limits.idle),
            expires_at=Seconds(now + limits.absolute),
        )
        token = self._entropy.token()
        await self._save(token, session)
        if same and previous:
            await self._store.delete(_key(previous.token))
        return CurrentSession(session, account, token)

    async def step_up(self, current: CurrentSession, proofs: tuple[Proof, ...]) -> CurrentSession:
        """The same session with more proved, under a new cookie; its end stays where it was."""
        token = self._entropy.token()
        session = replace(current.session, proofs=proofs)
        await self._save(token, session)
        await self._store.delete(_key(current.token))
        return CurrentSession(session, current.account, token)

    async def forget(self, current: CurrentSession) -> None:
        """Take the cookie back, and nothing else: what was bound to the session has ended."""
        await self._store.delete(current.store_key)

    async def end(self, current: CurrentSession, reason: str, origin: Origin) -> tuple[ClientId, ...]:
        """End the session and every grant bound to it; the clients that are told.

        Grants and logout tokens first, the cookie's session after: whoever is stopped in between can sign out again.
        """
        session = current.session
        event = SessionEnded(origin=origin, account_id=session.account_id, session_id=session.session_id, reason=reason)
        told = await self._grants.end_session(session.session_id, self._clock.now(), event)
        await self._store.delete(_key(current.token))
        return told

    async def end_everywhere(self, current: CurrentSession, origin: Origin) -> tuple[ClientId, ...]:
        """End every session of the account, this one too, and all grants; the clients that are told."""
        session = current.session
        event = SessionEnded(
            origin=origin, account_id=session.account_id, session_id=session.session_id, reason="everywhere"
        )
        told = await self._accounts.end_all_sessions(session.account_id, self._clock.now(), event)
        await self._store.delete(_key(current.token))
        return told

    async def _prolong(self, found: CurrentSession, now: Seconds) -> Session:
        session = found.session
        idle_end = min(now + LIMITS[session.account_kind].idle, session.expires_at)
        prolonged = replace(session, idle_expires_at=Seconds(idle_end))
        await self._store.replace(_key(found.token), _stored(session), _stored(prolonged), session.expires_at)
        return prolonged

    async def _save(self, token: str, session: Session) -> None:
        await self._store.put(_key(token), _stored(session), session.expires_at)


def _stored(session: Session) -> bytes:
    return msgspec.msgpack.encode(session)


def _key(token: str) -> str:
    return f"session:{sha256(token.encode()).hexdigest()}"
