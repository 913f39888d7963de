"""Locks with their grounds, authorities' requests, days that are not what their weekday says, records that age.

Only adds tables: code of revision 0002 knows nothing of them, and goes on working on this schema. What it locks is an
account without a lock that stands open, and is unlocked as before.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

OLDEST_CODE = "0002"

# Whoever is locked by now was locked by hand: the ground was told to the audit trail alone.
_LOCKED_BY_HAND = """
    INSERT INTO account_locks (lock_id, holder, ground, reference, authority, since)
    SELECT account_id, account_id, 'operator', '', '', sessions_valid_from - 1
    FROM accounts WHERE status = 'locked'
"""


def upgrade() -> None:
    """Add the tables, and a lock for each account that is locked."""
    _add_locks()
    _add_register_marks()
    _add_requests()
    _add_special_days()
    _add_ageing()
    op.execute(_LOCKED_BY_HAND)
    op.execute(sa.text("UPDATE schema_support SET oldest_revision = :code").bindparams(code=OLDEST_CODE))


def _add_locks() -> None:
    op.create_table(
        "account_locks",
        _text("lock_id"),
        _text("holder"),
        _text("ground"),
        _text("reference"),
        _text("authority"),
        _number("since"),
        _number("until", empty=True),
        _number("ended", empty=True),
        sa.PrimaryKeyConstraint("lock_id", name="pk_account_locks"),
        sqlite_strict=True,
    )
    op.create_index("ix_account_locks_holder_since", "account_locks", ["holder", "since"])
    is_open = sa.text("ended IS NULL")
    op.create_index(
        "uq_account_locks_open",
        "account_locks",
        ["holder", "ground", "reference"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_index(
        "ix_account_locks_until", "account_locks", ["until"], sqlite_where=is_open, postgresql_where=is_open
    )


def _add_register_marks() -> None:
    op.create_table(
        "register_marks",
        _text("holder"),
        _text("ground"),
        _number("event_at"),
        _text("event_id"),
        sa.PrimaryKeyConstraint("holder", "ground", name="pk_register_marks"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _add_requests() -> None:
    op.create_table(
        "lock_requests",
        _text("request_id"),
        _text("account_id"),
        _text("direction"),
        _text("authority"),
        _text("reason"),
        _text("document_digest"),
        sa.Column("texts", sa.LargeBinary(), nullable=False),
        _text("state"),
        _number("version"),
        _number("entered_at"),
        _text("entered_by"),
        _number("due_at", empty=True),
        _number("forwarded_at", empty=True),
        _text("forwarded_by", empty=True),
        _number("decided_at", empty=True),
        _text("decided_by", empty=True),
        sa.PrimaryKeyConstraint("request_id", name="pk_lock_requests"),
        sqlite_strict=True,
    )
    op.create_index("ix_lock_requests_state_request_id", "lock_requests", ["state", "request_id"])
    op.create_index("ix_lock_requests_due_at", "lock_requests", ["due_at"])
    op.create_index("ix_lock_requests_account_id", "lock_requests", ["account_id"])


def _add_special_days() -> None:
    op.create_table(
        "special_days",
        _text("day"),
        _number("works"),
        _text("name"),
        sa.PrimaryKeyConstraint("day", name="pk_special_days"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _add_ageing() -> None:
    op.create_table(
        "ageing_records",
        _text("person_id"),
        _number("due_at"),
        _number("seen_at"),
        _number("noticed_for", empty=True),
        sa.PrimaryKeyConstraint("person_id", name="pk_ageing_records"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_ageing_records_due_at_person_id", "ageing_records", ["due_at", "person_id"])


def _text(name: str, *, empty: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=empty)


def _number(name: str, *, empty: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=empty)
