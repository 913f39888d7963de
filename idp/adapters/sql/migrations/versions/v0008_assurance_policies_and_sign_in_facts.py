"""Versions of the assurance policy, and facts of sign-ins made from the audit trail.

Only adds tables: code of revision 0002 knows nothing of them, and goes on working on this schema.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

OLDEST_CODE = "0002"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "assurance_policies",
        sa.Column("version", _NUMBER, autoincrement=False, nullable=False),
        _number("effective_from"),
        _number("recorded_at"),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_assurance_policies"),
        sqlite_strict=True,
    )
    _add_facts()
    op.create_table(
        "audit_readers",
        _text("reader"),
        _text("stream"),
        _number("sequence"),
        sa.PrimaryKeyConstraint("reader", "stream", name="pk_audit_readers"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.execute(sa.text("UPDATE schema_support SET oldest_revision = :code").bindparams(code=OLDEST_CODE))


def _add_facts() -> None:
    op.create_table(
        "sign_in_facts",
        _text("fact_id"),
        _number("at"),
        _text("outcome"),
        _text("client_id"),
        _text("account_id", empty=True),
        _text("account_kind"),
        _text("error"),
        _text("acr"),
        _number("level"),
        _text("methods"),
        _number("second_factor"),
        _text("shape"),
        _number("expires_at"),
        sa.PrimaryKeyConstraint("fact_id", name="pk_sign_in_facts"),
        sqlite_strict=True,
    )
    op.create_index("ix_sign_in_facts_outcome_at", "sign_in_facts", ["outcome", "at"])
    op.create_index("ix_sign_in_facts_expires_at", "sign_in_facts", ["expires_at"])


_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str, *, empty: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=empty)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, _NUMBER, nullable=False)
