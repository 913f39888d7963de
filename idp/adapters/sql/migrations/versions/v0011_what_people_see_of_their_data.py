"""What people see and ask about their own data: releases and their terms, corrections, accounts that close.

Adds tables, and columns that may be empty: code of revision 0002 knows nothing of them, and goes on working on this
schema.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

OLDEST_CODE = "0002"


def upgrade() -> None:
    """Add the tables and columns."""
    _add_releases()
    _add_corrections()
    _add_closures()
    # Under which allow-list a consent was given: None where the client had none.
    for table in ("consents", "consent_evidence"):
        op.add_column(table, _text("terms", empty=True))
    op.execute(sa.text("UPDATE schema_support SET oldest_revision = :code").bindparams(code=OLDEST_CODE))


def _add_releases() -> None:
    op.create_table(
        "claims_policies",
        _text("client_id"),
        _text("version"),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("client_id", "version", name="pk_claims_policies"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "releases",
        _text("release_id"),
        _text("account_id"),
        _text("client_id"),
        _text("endpoint"),
        _text("claims"),
        _text("basis"),
        _text("terms", empty=True),
        _number("first_at"),
        _number("last_at"),
        _number("count"),
        _number("expires_at"),
        sa.PrimaryKeyConstraint("release_id", name="pk_releases"),
        sqlite_strict=True,
    )
    op.create_index("ix_releases_account_id_release_id", "releases", ["account_id", "release_id"])
    op.create_index("ix_releases_expires_at", "releases", ["expires_at"])


def _add_corrections() -> None:
    op.create_table(
        "correction_requests",
        _text("request_id"),
        _text("account_id"),
        _text("person_id"),
        sa.Column("asked", sa.LargeBinary(), nullable=False),
        _text("state"),
        _number("asked_at"),
        _number("answer_due"),
        _number("complete_due"),
        _text("answered_by", empty=True),
        _number("answered_at", empty=True),
        sa.Column("answer", sa.LargeBinary()),
        _text("change_id", empty=True),
        _number("completed_at", empty=True),
        sa.PrimaryKeyConstraint("request_id", name="pk_correction_requests"),
        sqlite_strict=True,
    )
    op.create_index("ix_correction_requests_account_id_request_id", "correction_requests", ["account_id", "request_id"])
    op.create_index(
        "ix_correction_requests_state_answer_due_request_id",
        "correction_requests",
        ["state", "answer_due", "request_id"],
    )


def _add_closures() -> None:
    op.create_table(
        "account_closures",
        _text("account_id"),
        _number("asked_at"),
        _number("due_at"),
        _number("closed_at", empty=True),
        sa.PrimaryKeyConstraint("account_id", name="pk_account_closures"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    is_open = sa.text("closed_at IS NULL")
    op.create_index(
        "ix_account_closures_due",
        "account_closures",
        ["due_at", "account_id"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )


def _text(name: str, *, empty: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=empty)


def _number(name: str, *, empty: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=empty)
