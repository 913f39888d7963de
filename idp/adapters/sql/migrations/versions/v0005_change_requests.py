"""Changes that wait for a second pair of eyes.

Only adds a table: code of revision 0002 knows nothing of it, and goes on working on this schema.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

OLDEST_CODE = "0002"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "change_requests",
        _text("change_id"),
        _text("kind"),
        _text("subject"),
        _text("version"),
        _sealed("payload_key"),
        _sealed("payload"),
        _text("agency_code"),
        _text("asked_by"),
        _number("asked_at"),
        _number("expires_at"),
        _text("state"),
        _text("decided_by", empty=True),
        _number("decided_at", empty=True),
        sa.PrimaryKeyConstraint("change_id", name="pk_change_requests"),
        sqlite_strict=True,
    )
    op.create_index("ix_change_requests_state_kind_change_id", "change_requests", ["state", "kind", "change_id"])
    op.execute(sa.text("UPDATE schema_support SET oldest_revision = :code").bindparams(code=OLDEST_CODE))


def _text(name: str, *, empty: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=empty)


def _sealed(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def _number(name: str, *, empty: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=empty)
