"""The tree of agencies on SQL: upwards from an agency, which is a handful of rows however many agencies there are."""

from sqlalchemy import bindparam, select

from idp.adapters.sql.database import Database
from idp.adapters.sql.tables.main import agencies
from idp.adapters.sql.unit_of_work import One, Row, UnitOfWork

_above = (
    select(agencies.c.code, agencies.c.parent).where(agencies.c.code == bindparam("code")).cte("above", recursive=True)
)
# UNION, not UNION ALL: a circle in the records ends instead of going round for ever.
_above = _above.union(select(agencies.c.code, agencies.c.parent).where(agencies.c.code == _above.c.parent))
_WITHIN = select(_above.c.code).where(_above.c.code == bindparam("root")).limit(1)


_below = select(agencies.c.code).where(agencies.c.code == bindparam("root")).cte("under", recursive=True)
_below = _below.union(select(agencies.c.code).where(agencies.c.parent == _below.c.code))
SUBTREE = select(_below.c.code)
"""The agency `root` and every one under it, by code: to be looked among by others' statements."""


class SqlAgencyTree:
    """Implements `AgencyTree`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def is_within(self, code: str, root: str) -> bool:
        if not root or code == root:
            return bool(root)
        return await self._database.run_read(_found(One(_WITHIN, {"code": code, "root": root})))


def _found(request: One) -> UnitOfWork[bool]:
    row: Row | None = yield request
    return row is not None
