"""What people see of their account's safety: sessions, trusted browsers, what happened, and names of devices.

Adds tables, and a column that may be empty: code of revision 0002 knows nothing of them, and goes on working on this
schema.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

OLDEST_CODE = "0002"


def upgrade() -> None:
    """Add the tables and the column."""
    _session_records()
    _trusted_browsers()
    _security_events()
    # What the person calls the first device for one-time codes; the others have theirs in `totp_devices`.
    op.add_column("authenticators", sa.Column("name", sa.LargeBinary(), nullable=True))
    op.execute(sa.text("UPDATE schema_support SET oldest_revision = :code").bindparams(code=OLDEST_CODE))


def _session_records() -> None:
    op.create_table(
        "session_records",
        _text("session_id"),
        _text("account_id"),
        _text("store_key"),
        _text("browser"),
        _text("system"),
        _text("source"),
        _text("place", nullable=True),
        _number("started_at"),
        _number("expires_at"),
        sa.PrimaryKeyConstraint("session_id", name="pk_session_records"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_session_records_account_id_session_id", "session_records", ["account_id", "session_id"])
    op.create_index("ix_session_records_expires_at", "session_records", ["expires_at"])


def _trusted_browsers() -> None:
    op.create_table(
        "trusted_browsers",
        _text("browser_id"),
        _text("account_id"),
        _text("browser"),
        _text("system"),
        _text("place", nullable=True),
        _number("trusted_at"),
        _number("expires_at"),
        sa.PrimaryKeyConstraint("browser_id", name="pk_trusted_browsers"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_trusted_browsers_account_id_trusted_at", "trusted_browsers", ["account_id", "trusted_at"])
    op.create_index("ix_trusted_browsers_expires_at", "trusted_browsers", ["expires_at"])


def _security_events() -> None:
    op.create_table(
        "security_events",
        _text("event_id"),
        _text("account_id"),
        _number("at"),
        _text("name"),
        _text("details"),
        _number("expires_at"),
        sa.PrimaryKeyConstraint("event_id", name="pk_security_events"),
        sqlite_strict=True,
    )
    op.create_index("ix_security_events_account_id_event_id", "security_events", ["account_id", "event_id"])
    op.create_index("ix_security_events_expires_at", "security_events", ["expires_at"])


def _text(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=nullable)
