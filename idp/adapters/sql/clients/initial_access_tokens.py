"""Initial access tokens on SQL: a use is counted by one conditional statement, in the transaction of what it allows."""

from sqlalchemy import bindparam, insert, select, update

from idp.adapters.sql.clients.client_rows import save_clients
from idp.adapters.sql.database import Database
from idp.adapters.sql.tables.operation import initial_access_tokens
from idp.adapters.sql.unit_of_work import All, One, Row, Run, UnitOfWork
from idp.domain.clients.client import Client
from idp.domain.clients.initial_access_token import InitialAccessToken
from idp.domain.events import Event
from idp.domain.ids import Seconds, TokenHash

_row = initial_access_tokens.c
_TOKEN = (
    _row.token_id,
    _row.token_hash,
    _row.note,
    _row.created_at,
    _row.expires_at,
    _row.uses_left,
    _row.revoked_at,
)
_ADD = insert(initial_access_tokens)
_ALL = select(*_TOKEN).order_by(_row.created_at, _row.token_id)
_FIND = select(*_TOKEN).where(_row.token_hash == bindparam("token_hash"))
_REVOKE = (
    update(initial_access_tokens)
    .where(_row.token_id == bindparam("revoked_id"), _row.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"))
    .returning(_row.token_id)
)
_USE = (
    update(initial_access_tokens)
    .where(
        _row.token_hash == bindparam("used_hash"),
        _row.uses_left > 0,
        _row.expires_at > bindparam("now"),
        _row.revoked_at.is_(None),
    )
    .values(uses_left=_row.uses_left - 1)
    .returning(_row.token_id)
)


class _NothingChanged(Exception):
    """Ends a unit of work whose event must not be written."""


class SqlInitialAccessTokens:
    """Implements `InitialAccessTokens`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, token: InitialAccessToken, event: Event) -> None:
        await self._database.write(_add(token), [event])

    async def all(self) -> tuple[InitialAccessToken, ...]:
        return await self._database.run_read(_all())

    async def find(self, token_hash: TokenHash) -> InitialAccessToken | None:
        return await self._database.run_read(_find(token_hash))

    async def revoke(self, token_id: str, now: Seconds, event: Event) -> bool:
        return await self._changed(_revoke(token_id, now), event)

    async def register(self, token_hash: TokenHash, client: Client, now: Seconds, event: Event) -> bool:
        return await self._changed(_register(token_hash, client, now), event)

    async def _changed(self, unit: UnitOfWork[None], event: Event) -> bool:
        try:
            await self._database.write(unit, [event])
        except _NothingChanged:
            return False
        return True


def _add(token: InitialAccessToken) -> UnitOfWork[None]:
    yield Run(
        _ADD,
        {
            "token_id": token.token_id,
            "token_hash": token.token_hash,
            "note": token.note,
            "created_at": token.created_at,
            "expires_at": token.expires_at,
            "uses_left": token.uses_left,
            "revoked_at": token.revoked_at,
        },
    )


def _all() -> UnitOfWork[tuple[InitialAccessToken, ...]]:
    rows: list[Row] = yield All(_ALL, {})
    return tuple(InitialAccessToken(*row) for row in rows)


def _find(token_hash: TokenHash) -> UnitOfWork[InitialAccessToken | None]:
    row: Row | None = yield One(_FIND, {"token_hash": token_hash})
    return None if row is None else InitialAccessToken(*row)


def _revoke(token_id: str, now: Seconds) -> UnitOfWork[None]:
    row: Row | None = yield One(_REVOKE, {"revoked_id": token_id, "now": now})
    if row is None:
        raise _NothingChanged


def _register(token_hash: TokenHash, client: Client, now: Seconds) -> UnitOfWork[None]:
    row: Row | None = yield One(_USE, {"used_hash": token_hash, "now": now})
    if row is None:
        raise _NothingChanged
    yield from save_clients([client])
