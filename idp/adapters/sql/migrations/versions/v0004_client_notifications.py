"""Messages that tell clients that somebody decided.

Only adds a table: code of revision 0002 knows nothing of it, and goes on working on this schema.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

OLDEST_CODE = "0002"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "client_notifications",
        _text("message_id"),
        _text("client_id"),
        _text("reference"),
        _number("attempts"),
        _number("created_at"),
        _number("due_at"),
        sa.PrimaryKeyConstraint("message_id", name="pk_client_notifications"),
        sqlite_strict=True,
    )
    op.create_index("ix_client_notifications_due_at", "client_notifications", ["due_at"])
    op.execute(sa.text("UPDATE schema_support SET oldest_revision = :code").bindparams(code=OLDEST_CODE))


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)
