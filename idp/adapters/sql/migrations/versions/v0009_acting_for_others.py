"""Mandates with their consents, and guardianships.

Only adds tables: code of revision 0002 knows nothing of them, and goes on working on this schema.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

OLDEST_CODE = "0002"

_WAITING = "ended_at IS NULL AND confirmed_at IS NULL"
_IN_FORCE = "ended_at IS NULL AND confirmed_at IS NOT NULL"


def upgrade() -> None:
    """Add the tables."""
    _add_mandates()
    _add_consents()
    _add_guardianships()
    op.execute(sa.text("UPDATE schema_support SET oldest_revision = :code").bindparams(code=OLDEST_CODE))


def _add_mandates() -> None:
    op.create_table(
        "mandates",
        _text("mandate_id"),
        _text("giver_kind"),
        _text("giver"),
        _text("holder"),
        _text("services"),
        _text("functions"),
        _number("valid_from"),
        _number("valid_to"),
        _text("created_by"),
        _number("created_at"),
        _number("agreed_at", empty=True),
        _number("accepted_at", empty=True),
        _number("ended_at", empty=True),
        _text("ended_because", empty=True),
        sa.PrimaryKeyConstraint("mandate_id", name="pk_mandates"),
        sqlite_strict=True,
    )
    op.create_index("ix_mandates_giver_giver_kind", "mandates", ["giver", "giver_kind"])
    op.create_index("ix_mandates_holder", "mandates", ["holder"])
    _add_partial_index("ix_mandates_ending", "mandates", "valid_to", "ended_at IS NULL")


def _add_consents() -> None:
    op.create_table(
        "mandate_consents",
        _text("mandate_id"),
        _text("person_id"),
        _number("consented_at"),
        sa.PrimaryKeyConstraint("mandate_id", "person_id", name="pk_mandate_consents"),
        sa.ForeignKeyConstraint(["mandate_id"], ["mandates.mandate_id"], name="fk_mandate_consents_mandate_id"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _add_guardianships() -> None:
    op.create_table(
        "guardianships",
        _text("guardianship_id"),
        _text("kind"),
        _text("guardian"),
        _text("ward", empty=True),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        _number("asked_at"),
        _number("confirmed_at", empty=True),
        _number("ended_at", empty=True),
        _text("ended_because", empty=True),
        _number("reviewed_age"),
        sa.PrimaryKeyConstraint("guardianship_id", name="pk_guardianships"),
        sqlite_strict=True,
    )
    op.create_index("ix_guardianships_guardian", "guardianships", ["guardian"])
    op.create_index("ix_guardianships_ward", "guardianships", ["ward"])
    _add_partial_index("ix_guardianships_waiting", "guardianships", "guardianship_id", _WAITING)
    _add_partial_index("ix_guardianships_in_force", "guardianships", "guardianship_id", _IN_FORCE)


def _add_partial_index(name: str, table: str, column: str, condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, [column], sqlite_where=where, postgresql_where=where)


def _text(name: str, *, empty: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=empty)


def _number(name: str, *, empty: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=empty)
