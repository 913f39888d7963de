"""What registers tell under personal numbers that nobody has waits until somebody has them.

Only adds tables: code of revision 0002 leaves them alone. What that code is told under such a number is lost, and an
account that it opens gets what waited no earlier than the register sends it again.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

OLDEST_CODE = "0002"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "kept_register_events",
        _text("kept_id"),
        _bytes("number_index"),
        _text("ground"),
        _text("event_type"),
        _number("event_at"),
        _text("event_id"),
        _text("client_id"),
        _number("expires_at"),
        sa.PrimaryKeyConstraint("kept_id", name="pk_kept_register_events"),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_kept_register_events_number_index_ground", "kept_register_events", ["number_index", "ground"], unique=True
    )
    op.create_index("ix_kept_register_events_expires_at", "kept_register_events", ["expires_at"])
    op.create_table(
        "kept_number_changes",
        _text("kept_id"),
        _bytes("number_index"),
        _bytes("successor_index"),
        _number("event_at"),
        _text("event_id"),
        _text("client_id"),
        _bytes("change_key"),
        _bytes("change"),
        _number("expires_at"),
        sa.PrimaryKeyConstraint("kept_id", name="pk_kept_number_changes"),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_kept_number_changes_number_index_successor_index",
        "kept_number_changes",
        ["number_index", "successor_index"],
        unique=True,
    )
    op.create_index("ix_kept_number_changes_successor_index", "kept_number_changes", ["successor_index"])
    op.create_index("ix_kept_number_changes_expires_at", "kept_number_changes", ["expires_at"])
    op.execute(sa.text("UPDATE schema_support SET oldest_revision = :code").bindparams(code=OLDEST_CODE))


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)


def _bytes(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)
