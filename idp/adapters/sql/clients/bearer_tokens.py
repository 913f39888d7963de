"""Access tokens that come back: what was revoked of them, and the grants that they stand on."""

from sqlalchemy import and_, bindparam, exists, literal_column, select
from sqlalchemy.dialects.postgresql import insert

from idp.adapters.sql.clients.grant_rows import GRANT_COLUMNS, read_grant
from idp.adapters.sql.tables.main import accounts, grants, revoked_access_tokens
from idp.adapters.sql.unit_of_work import One, Run, UnitOfWork
from idp.domain.accounts.account import AccountStatus
from idp.domain.grants.grant import Grant
from idp.domain.ids import GrantId, Seconds

_REVOKE = (
    insert(revoked_access_tokens)
    .values(token_id=bindparam("token_id"), expires_at=bindparam("expires_at"))
    .on_conflict_do_nothing(index_elements=["token_id"])
)
_account_stands = exists().where(
    accounts.c.account_id == grants.c.account_id,
    accounts.c.status == AccountStatus.ACTIVE.value,
    accounts.c.sessions_valid_from <= grants.c.created_at,
)
_of_token = and_(grants.c.grant_id == bindparam("grant_id"), grants.c.started_at.is_not(None), _account_stands)
_FIND = select(exists().where(revoked_access_tokens.c.token_id == bindparam("token_id")), *GRANT_COLUMNS).select_from(
    select(literal_column("1").label("one")).subquery("request").outerjoin(grants, _of_token)
)


def mark_of_token(token_id: str, expires_at: Seconds) -> Run:
    """The statement that remembers a token as revoked until `expires_at`."""
    return Run(_REVOKE, {"token_id": token_id, "expires_at": expires_at})


def grant_of_token(token_id: str, grant_id: GrantId | None) -> UnitOfWork[tuple[bool, Grant | None]]:
    """Whether the token was revoked, and its grant, if the account behind it stands."""
    revoked, *row = yield One(_FIND, {"token_id": token_id, "grant_id": grant_id})
    return bool(revoked), None if row[0] is None else read_grant(tuple(row))
