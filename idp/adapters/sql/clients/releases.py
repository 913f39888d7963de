"""Releases on SQL: counted together with how far the audit trail was read; allow-lists by their version."""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from sqlalchemy import bindparam, case, select
from sqlalchemy.dialects.postgresql import insert

from idp.adapters.sql.database import Database
from idp.adapters.sql.look_up import AFTER_ALL
from idp.adapters.sql.tables.person_side import claims_policies, releases
from idp.adapters.sql.trail.trail_positions import move_on, trail_position
from idp.adapters.sql.unit_of_work import All, Many, One, Row, UnitOfWork
from idp.domain.clients.claims_policy import ClaimsPolicy
from idp.domain.clients.client import Client
from idp.domain.grants.release import KEPT, Release, gathered
from idp.domain.ids import AccountId, ClientId, Seconds

READER: Final = "releases"

_row = releases.c
_new = insert(releases)
_COUNT = _new.on_conflict_do_update(
    index_elements=["release_id"],
    set_={
        "count": _row.count + _new.excluded.count,
        "first_at": case((_new.excluded.first_at < _row.first_at, _new.excluded.first_at), else_=_row.first_at),
        "last_at": case((_new.excluded.last_at > _row.last_at, _new.excluded.last_at), else_=_row.last_at),
    },
)
_COLUMNS = (
    *(_row.account_id, _row.client_id, _row.endpoint, _row.claims, _row.basis, _row.terms),
    *(_row.first_at, _row.last_at, _row.count),
)
_OF_ACCOUNT = (
    select(*_COLUMNS)
    .where(_row.account_id == bindparam("of_account"), _row.release_id < bindparam("before"))
    .order_by(_row.release_id.desc())
    .limit(bindparam("most"))
)
_REMEMBER = insert(claims_policies).on_conflict_do_nothing(index_elements=["client_id", "version"])
TERMS = select(claims_policies.c.document).where(
    claims_policies.c.client_id == bindparam("client_id"), claims_policies.c.version == bindparam("version")
)

_names = msgspec.json.Decoder(tuple[str, ...])


class SqlReleases:
    """Implements `Releases`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def position(self, stream: str) -> int:
        return await self._database.run_read(trail_position(READER, stream))

    async def add(self, stream: str, seen: int, reached: int, releases: Sequence[Release]) -> bool:
        return await self._database.write(_add(stream, seen, reached, releases))

    async def of_account(self, account_id: AccountId, after: str, limit: int) -> tuple[Release, ...]:
        place = {"of_account": account_id, "before": after or AFTER_ALL, "most": limit}
        return await self._database.run_read(_listed(All(_OF_ACCOUNT, place)))

    async def terms(self, client_id: ClientId, version: str) -> ClaimsPolicy | None:
        return await self._database.run_read(_terms(One(TERMS, {"client_id": client_id, "version": version})))


def remember_policies(clients: Iterable[Client]) -> UnitOfWork[None]:
    """Keep the allow-lists of clients that are written: what was told under them names them for years."""
    known = [(client.client_id, policy) for client in clients if (policy := client.claims_policy) is not None]
    if known:
        yield Many(
            _REMEMBER,
            [
                {"client_id": client_id, "version": policy.version, "document": policy.encoded()}
                for client_id, policy in known
            ],
        )


def _add(stream: str, seen: int, reached: int, found: Sequence[Release]) -> UnitOfWork[bool]:
    moved = yield from move_on(READER, stream, seen, reached)
    if moved and found:
        # In one order, so that two who count for different streams do not wait for each other in a circle.
        yield Many(_COUNT, [_stored(release) for release in sorted(gathered(found), key=lambda one: one.release_id)])
    return moved


def _stored(release: Release) -> dict[str, object]:
    return {
        "release_id": release.release_id,
        "account_id": release.account_id,
        "client_id": release.client_id,
        "endpoint": release.endpoint,
        "claims": msgspec.json.encode(release.claims).decode(),
        "basis": release.basis,
        "terms": release.terms,
        "first_at": release.first_at,
        "last_at": release.last_at,
        "count": release.count,
        "expires_at": Seconds(release.last_at + KEPT),
    }


def _listed(request: All) -> UnitOfWork[tuple[Release, ...]]:
    rows: list[Row] = yield request
    return tuple(
        Release(
            account_id=AccountId(account_id),
            client_id=ClientId(client_id),
            endpoint=endpoint,
            claims=_names.decode(claims),
            basis=basis,
            terms=terms,
            first_at=Seconds(first_at),
            last_at=Seconds(last_at),
            count=count,
        )
        for account_id, client_id, endpoint, claims, basis, terms, first_at, last_at, count in rows
    )


def _terms(request: One) -> UnitOfWork[ClaimsPolicy | None]:
    row: Row | None = yield request
    return None if row is None else ClaimsPolicy.decode(row[0])
