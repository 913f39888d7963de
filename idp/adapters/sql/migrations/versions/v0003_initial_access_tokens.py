"""Initial access tokens, by which clients register themselves.

Only adds a table: code of revision 0002 knows nothing of it, and goes on working on this schema.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

OLDEST_CODE = "0002"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "initial_access_tokens",
        _text("token_id"),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        _text("note"),
        _number("created_at"),
        _number("expires_at"),
        _number("uses_left"),
        _number("revoked_at", nullable=True),
        sa.PrimaryKeyConstraint("token_id", name="pk_initial_access_tokens"),
        sa.UniqueConstraint("token_hash", name="uq_initial_access_tokens_token_hash"),
        sqlite_strict=True,
    )
    op.execute(sa.text("UPDATE schema_support SET oldest_revision = :code").bindparams(code=OLDEST_CODE))


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False)


def _number(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=nullable)
