"""Consents can be told apart from what was agreed before a withdrawal.

Only adds a column that may be empty: code of revision 0002 records consents without it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

OLDEST_CODE = "0002"


def upgrade() -> None:
    """Add the column."""
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.add_column("consents", sa.Column("consent_id", text, nullable=True))
    op.execute(sa.text("UPDATE schema_support SET oldest_revision = :code").bindparams(code=OLDEST_CODE))
