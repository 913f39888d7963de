"""Jobs with one owner, and since when an account stands idle.

Only adds: code of revision 0001 names its columns, and goes on working on this schema. The index is built while writers
of `accounts` wait; no PostgreSQL database is old enough yet for that to be long, and on SQLite it takes about a second
for each million of accounts.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

OLDEST_CODE = "0001"


def upgrade() -> None:
    """Add what owners of jobs and idle accounts need."""
    _say_who_may_run()
    _create_job_leases()
    _tell_idle_accounts()


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)


def _say_who_may_run() -> None:
    support = op.create_table("schema_support", _text("oldest_revision"), sqlite_strict=True)
    op.bulk_insert(support, [{"oldest_revision": OLDEST_CODE}])


def _create_job_leases() -> None:
    op.create_table(
        "job_leases",
        _text("job"),
        _text("owner"),
        _number("fence"),
        _number("beat"),
        sa.PrimaryKeyConstraint("job", name="pk_job_leases"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _tell_idle_accounts() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("accounts", sa.Column("idle_from", number, nullable=True))
    op.add_column("accounts", sa.Column("idle_notices", number, nullable=False, server_default=sa.text("0")))
    op.create_index(
        "ix_accounts_idle",
        "accounts",
        [sa.text("idle_notices"), sa.text("coalesce(idle_from, created_at)"), sa.text("account_id")],
        sqlite_where=sa.text("status = 'active'"),
        postgresql_where=sa.text("status = 'active'"),
    )
