"""Cases of proofing at counters, what finds one human twice, and accounts that were merged.

Only adds tables: code of revision 0002 knows nothing of them, and goes on working on this schema. People who are stored
already are found as somebody's likeness once the job that catches up with words of names has been by.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

OLDEST_CODE = "0002"


def upgrade() -> None:
    """Add the tables."""
    _add_cases()
    op.create_table(
        "person_likenesses",
        _bytes("blind_index"),
        _text("person_id"),
        _text("kind"),
        sa.PrimaryKeyConstraint("blind_index", "person_id", name="pk_person_likenesses"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    _add_merges()
    op.execute(sa.text("UPDATE schema_support SET oldest_revision = :code").bindparams(code=OLDEST_CODE))


def _add_cases() -> None:
    op.create_table(
        "proofing_cases",
        _text("case_id"),
        _text("person_id"),
        _text("account_id"),
        _text("agency_code"),
        _text("opened_by"),
        _number("opened_at"),
        _number("expires_at"),
        _text("state"),
        _bytes("findings_key", empty=True),
        _bytes("findings", empty=True),
        _text("decided_by", empty=True),
        _number("decided_at", empty=True),
        _text("reason", empty=True),
        _text("change_id", empty=True),
        _number("code_given_at", empty=True),
        sa.PrimaryKeyConstraint("case_id", name="pk_proofing_cases"),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_proofing_cases_agency_code_state_case_id", "proofing_cases", ["agency_code", "state", "case_id"]
    )
    op.create_index("ix_proofing_cases_state_case_id", "proofing_cases", ["state", "case_id"])
    is_undecided = sa.text("decided_at IS NULL")
    op.create_index(
        "uq_proofing_cases_open",
        "proofing_cases",
        ["person_id"],
        unique=True,
        sqlite_where=is_undecided,
        postgresql_where=is_undecided,
    )


def _add_merges() -> None:
    op.create_table(
        "account_merges",
        _text("merged_account_id"),
        _text("merged_person_id"),
        _text("surviving_account_id"),
        _text("surviving_person_id"),
        _text("change_id"),
        _number("merged_at"),
        _text("decided_by"),
        sa.PrimaryKeyConstraint("merged_account_id", name="pk_account_merges"),
        sqlite_strict=True,
    )
    op.create_index("ix_account_merges_surviving_account_id", "account_merges", ["surviving_account_id"])
    op.create_index("ix_account_merges_merged_person_id", "account_merges", ["merged_person_id"])


def _text(name: str, *, empty: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=empty)


def _bytes(name: str, *, empty: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.LargeBinary(), nullable=empty)


def _number(name: str, *, empty: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=empty)
