"""Ways back into accounts: trusted people, requests, and the words that were given.

Only adds tables: code of revision 0002 knows nothing of them, and goes on working on this schema.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

OLDEST_CODE = "0002"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "trusted_people",
        _text("account_id"),
        _text("helper"),
        _number("named_at"),
        _number("accepted_at", empty=True),
        sa.PrimaryKeyConstraint("account_id", "helper", name="pk_trusted_people"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_trusted_people_helper", "trusted_people", ["helper"])
    _add_requests()
    op.create_table(
        "recovery_words",
        _text("word_id"),
        _text("request_id"),
        _text("helper"),
        _number("given_at"),
        _number("expires_at"),
        sa.PrimaryKeyConstraint("word_id", name="pk_recovery_words"),
        sqlite_strict=True,
    )
    op.create_index("ix_recovery_words_request_id", "recovery_words", ["request_id"])
    op.create_index("ix_recovery_words_helper", "recovery_words", ["helper"])
    op.create_index("ix_recovery_words_expires_at", "recovery_words", ["expires_at"])
    op.execute(sa.text("UPDATE schema_support SET oldest_revision = :code").bindparams(code=OLDEST_CODE))


def _add_requests() -> None:
    op.create_table(
        "recovery_requests",
        _text("request_id"),
        _text("account_id", empty=True),
        _text("way"),
        _text("lost"),
        sa.Column("code_hash", sa.LargeBinary()),
        _number("needed"),
        _number("confirmed"),
        _number("asked_at"),
        _number("ready_at", empty=True),
        _text("ended", empty=True),
        _number("ended_at", empty=True),
        _number("held_until", empty=True),
        _number("open_until"),
        _number("expires_at"),
        sa.PrimaryKeyConstraint("request_id", name="pk_recovery_requests"),
        sa.UniqueConstraint("code_hash", name="uq_recovery_requests_code_hash"),
        sqlite_strict=True,
    )
    op.create_index("ix_recovery_requests_account_id_request_id", "recovery_requests", ["account_id", "request_id"])
    op.create_index("ix_recovery_requests_expires_at", "recovery_requests", ["expires_at"])


def _text(name: str, *, empty: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=empty)


def _number(name: str, *, empty: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=empty)
