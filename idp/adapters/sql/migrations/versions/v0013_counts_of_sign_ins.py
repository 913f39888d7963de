"""How many sign-ins were begun and completed.

Only adds a table: code of revision 0002 knows nothing of it, and goes on working on this schema.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

OLDEST_CODE = "0002"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "journey_counts",
        _number("hour"),
        _text("stage"),
        _text("form_factor"),
        _text("locale"),
        _text("way"),
        _number("count"),
        sa.PrimaryKeyConstraint("hour", "stage", "form_factor", "locale", "way", name="pk_journey_counts"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.execute(sa.text("UPDATE schema_support SET oldest_revision = :code").bindparams(code=OLDEST_CODE))


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)
