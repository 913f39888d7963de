"""Grants on SQL. One row each, for the whole life of its refresh family: no history of turns to grow or to sweep."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sqlalchemy import and_, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from idp.adapters.sql.clients.bearer_tokens import grant_of_token, mark_of_token
from idp.adapters.sql.clients.grant_grounds import ACCOUNT_STANDS, CONSENT_STANDS, SESSION_ENDED, grounds
from idp.adapters.sql.clients.grant_rows import GRANT_COLUMNS, grant_values, read_grant
from idp.adapters.sql.clients.logout_queue import queue_for_session
from idp.adapters.sql.database import Database
from idp.adapters.sql.single_requests import run
from idp.adapters.sql.tables.main import ended_sessions, grants
from idp.adapters.sql.unit_of_work import All, Append, Conclude, Lock, One, Row, Run, UnitOfWork
from idp.domain.events import Event, SessionEnded
from idp.domain.grants.grant import Grant, RefreshHashes, RevocationReason
from idp.domain.ids import AccountId, ClientId, GrantId, Seconds, SessionId, TokenHash
from idp.ports.clock import Clock, Entropy
from idp.ports.grants import Start, Turn

_MARK_LIFETIME = 24 * 3600
"""How long (seconds) a revocation waits for its grant, and an ended session for its codes: codes live for minutes."""

_BEHIND = "~"
"""Sorts behind every character of an identifier."""

_row = grants.c
_ID = _row.grant_id == bindparam("grant_id")

_new_grant = insert(grants).values(
    {
        **{column.name: bindparam(column.name) for column in GRANT_COLUMNS if column is not _row.revoked_at},
        "started_at": bindparam("started_at"),
    }
)
_START = _new_grant.on_conflict_do_update(
    index_elements=["grant_id"],
    set_={
        column.name: _new_grant.excluded[column.name]
        for column in grants.c
        if column not in {_row.grant_id, _row.revoked_at, _row.revocation_reason}
    },
    where=_row.started_at.is_(None),
).returning(_row.revoked_at)
_STANDING = select(SESSION_ENDED, ACCOUNT_STANDS, CONSENT_STANDS)
# Nearly every start: nothing is there yet, and what the grant stands on has not ended.
_NEW_COLUMNS = [*(column for column in GRANT_COLUMNS if column is not _row.revoked_at), _row.started_at]
_START_STANDING = (
    insert(grants)
    .from_select(
        _NEW_COLUMNS,
        select(*(bindparam(column.name, type_=column.type) for column in _NEW_COLUMNS)).where(
            ACCOUNT_STANDS,
            CONSENT_STANDS,
            ~SESSION_ENDED.where(bindparam("offline", type_=_row.offline.type) == 0),
        ),
    )
    .on_conflict_do_nothing(index_elements=["grant_id"])
    .returning(_row.grant_id)
)
_GET = select(*GRANT_COLUMNS).where(_ID, _row.started_at.is_not(None))
# The range of identifiers makes no difference to what is found: where grants are partitioned, it leaves one partition.
_FAMILY = and_(
    _row.family_hash == bindparam("family"), _row.grant_id >= bindparam("lowest"), _row.grant_id < bindparam("behind")
)
_FIND_BY_FAMILY = select(*GRANT_COLUMNS).where(_FAMILY)

_live_family = and_(
    _FAMILY,
    _row.client_id == bindparam("client_id"),
    _row.revoked_at.is_(None),
    _row.expires_at > bindparam("now"),
)
_TURN = (
    update(grants)
    .where(_live_family, _row.turn_hash == bindparam("presented"))
    .values(turn_hash=bindparam("replacement"), generation=_row.generation + 1)
    .returning(_row.family_hash)
)
_FIND_LIVE = select(_row.grant_id).where(_live_family)
_END_FAMILY = (
    update(grants).where(_live_family).values(revoked_at=bindparam("now"), revocation_reason=bindparam("reason"))
)

_new_mark = insert(grants).values(
    grant_id=bindparam("grant_id"),
    expires_at=bindparam("expires_at"),
    offline=0,
    generation=0,
    revoked_at=bindparam("now"),
    revocation_reason=bindparam("reason"),
)
_REVOKE = _new_mark.on_conflict_do_update(
    index_elements=["grant_id"],
    set_={"revoked_at": bindparam("now"), "revocation_reason": bindparam("reason")},
    where=_row.revoked_at.is_(None),
)
_REVOKE_OF_SESSION = (
    update(grants)
    .where(_row.session_id == bindparam("session_id"), _row.offline == 0, _row.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"), revocation_reason=bindparam("reason"))
)
_REVOKE_OF_ACCOUNT = (
    update(grants)
    .where(_row.account_id == bindparam("account_id"), _row.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"), revocation_reason=bindparam("reason"))
)
_REVOKE_OF_CLIENT = _REVOKE_OF_ACCOUNT.where(_row.client_id == bindparam("client_id"))

_END_SESSION = (
    insert(ended_sessions)
    .values(session_id=bindparam("session_id"), expires_at=bindparam("expires_at"))
    .on_conflict_do_nothing(index_elements=["session_id"])
)
_CLIENTS_OF_SESSION = (
    select(_row.client_id).where(_row.session_id == bindparam("session_id")).distinct().order_by(_row.client_id)
)


class SqlGrants:
    """Implements `Grants`."""

    def __init__(self, database: Database, clock: Clock, entropy: Entropy) -> None:
        self._database = database
        self._clock = clock
        self._entropy = entropy

    async def start(self, grant: Grant, events: Sequence[Event]) -> Start:
        return await self._database.write(_start(grant, self._clock.now(), events))

    async def get(self, grant_id: GrantId) -> Grant | None:
        return await self._database.run_read(_find(One(_GET, {"grant_id": grant_id})))

    async def find_by_family(self, presented: RefreshHashes) -> Grant | None:
        return await self._database.run_read(_find_by_family(presented))

    async def turn(
        self,
        client_id: ClientId,
        presented: RefreshHashes,
        replacement: TokenHash,
        now: Seconds,
        events: Sequence[Event],
        reuse_events: Sequence[Event] | None,
    ) -> Turn:
        parameters = {"client_id": client_id, "now": now, "presented": presented.turn, "replacement": replacement}
        return await self._database.write(_turn(presented, parameters, events, reuse_events))

    async def revoke(self, grant_id: GrantId, reason: RevocationReason, now: Seconds, event: Event) -> None:
        values = {"grant_id": grant_id, "reason": reason.value, "now": now, "expires_at": now + _MARK_LIFETIME}
        await self._database.write(run(Run(_REVOKE, values)), [event])

    async def revoke_access_token(self, token_id: str, expires_at: Seconds, event: Event) -> None:
        await self._database.write(run(mark_of_token(token_id, expires_at)), [event])

    async def access_token_grant(self, token_id: str, grant_id: GrantId | None) -> tuple[bool, Grant | None]:
        return await self._database.run_read(grant_of_token(token_id, grant_id))

    async def end_session(self, session_id: SessionId, now: Seconds, event: Event) -> tuple[ClientId, ...]:
        return await self._database.write(_end_session(session_id, now, event, self._entropy))

    async def clients_of_session(self, session_id: SessionId) -> tuple[ClientId, ...]:
        return await self._database.run_read(_clients_of_session(session_id))


def account_lock(account_id: AccountId) -> str:
    """What starting a grant shares, and whoever ends an account's grants holds alone: neither overlooks the other."""
    return f"account {account_id}"


def session_lock(session_id: SessionId) -> str:
    """The same for one session."""
    return f"session {session_id}"


def revoke_of_account(account_id: AccountId, reason: RevocationReason, now: Seconds) -> UnitOfWork[None]:
    """End every grant of an account."""
    yield Run(_REVOKE_OF_ACCOUNT, {"account_id": account_id, "reason": reason.value, "now": now})


def revoke_of_client(
    account_id: AccountId, client_id: ClientId, reason: RevocationReason, now: Seconds
) -> UnitOfWork[None]:
    """End every grant that an account gave to one client."""
    parameters = {"account_id": account_id, "client_id": client_id, "reason": reason.value, "now": now}
    yield Run(_REVOKE_OF_CLIENT, parameters)


def _start(grant: Grant, now: Seconds, events: Sequence[Event]) -> UnitOfWork[Start]:
    """Record the grant unless its code started it before; a mark of revocation, left by a replay, stays in force."""
    locks = (account_lock(grant.account_id), session_lock(grant.session_id))
    values = {**grant_values(grant), **grounds(grant), "started_at": now}
    row: Row | None = yield Conclude(_START_STANDING, values, events, "grant_id", locks)
    if row is not None:
        return Start.STARTED
    yield Lock(locks, shared=True)
    row = yield One(_START, values)
    if row is None:
        return Start.ALREADY_STARTED
    was_revoked = row[0] is not None
    if not was_revoked and (reason := (yield from _end_of(grant))):
        mark = {"grant_id": grant.grant_id, "reason": reason.value, "now": now, "expires_at": grant.expires_at}
        yield Run(_REVOKE, mark)
        return Start.ENDED_MEANWHILE
    for event in events:
        yield Append(event)
    return Start.REVOKED_MEANWHILE if was_revoked else Start.STARTED


def _end_of(grant: Grant) -> UnitOfWork[RevocationReason | None]:
    """Why a grant cannot live although nobody revoked it: what it stands on ended after its code; None if it can."""
    parameters = {"session_id": grant.session_id, "account_id": grant.account_id, "client_id": grant.client_id}
    session_ended, account_stands, consent_stands = yield One(_STANDING, parameters | grounds(grant))
    if not account_stands:
        return RevocationReason.ACCOUNT_LOCKED
    if not consent_stands:
        return RevocationReason.CONSENT_WITHDRAWN
    return RevocationReason.SIGN_OUT if session_ended and not grant.offline else None


def _turn(
    presented: RefreshHashes,
    parameters: dict[str, object],
    events: Sequence[Event],
    reuse_events: Sequence[Event] | None,
) -> UnitOfWork[Turn]:
    """Replace the turn that was presented; any other turn of a live family is a copy, and ends it unless spared."""
    for family in _places(presented):
        row: Row | None = yield Conclude(_TURN, {**parameters, **family}, events, "family")
        if row is not None:
            return Turn.TURNED
        if reuse_events is None:
            if (yield One(_FIND_LIVE, {**parameters, **family})) is not None:
                return Turn.REUSED
        elif (yield Run(_END_FAMILY, {**parameters, **family, "reason": RevocationReason.REFRESH_REUSE.value})):
            for event in reuse_events:
                yield Append(event)
            return Turn.REUSED
    return Turn.GONE


def _find_by_family(presented: RefreshHashes) -> UnitOfWork[Grant | None]:
    for family in _places(presented):
        grant = yield from _find(One(_FIND_BY_FAMILY, family))
        if grant is not None:
            return grant
    return None


def _places(presented: RefreshHashes) -> Iterator[dict[str, object]]:
    """Where to look for a family: first where its token says, then everywhere, as tokens said nothing once."""
    if presented.prefix:
        yield {"family": presented.family, "lowest": presented.prefix, "behind": presented.prefix + _BEHIND}
    yield {"family": presented.family, "lowest": "", "behind": _BEHIND}


def _end_session(
    session_id: SessionId, now: Seconds, event: Event, entropy: Entropy
) -> UnitOfWork[tuple[ClientId, ...]]:
    """End what is bound to the session; clients are told once, however often it is ended."""
    told: tuple[ClientId, ...] = ()
    yield Lock((session_lock(session_id),))
    if (yield Run(_END_SESSION, {"session_id": session_id, "expires_at": now + _MARK_LIFETIME})):
        told = yield from queue_for_session(session_id, now, entropy)
        reason = RevocationReason.SIGN_OUT.value
        yield Run(_REVOKE_OF_SESSION, {"session_id": session_id, "now": now, "reason": reason})
    yield Append(replace(event, notified=len(told)) if isinstance(event, SessionEnded) else event)
    return told


def _find(request: One) -> UnitOfWork[Grant | None]:
    row: Row | None = yield request
    return None if row is None else read_grant(row)


def _clients_of_session(session_id: SessionId) -> UnitOfWork[tuple[ClientId, ...]]:
    rows: list[Row] = yield All(_CLIENTS_OF_SESSION, {"session_id": session_id})
    return tuple(ClientId(client_id) for (client_id,) in rows)
