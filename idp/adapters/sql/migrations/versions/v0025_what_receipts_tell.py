"""Consents and their evidence say which claims the decision released.

Only adds columns that may be empty: code of revision 0002 records decisions without them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

OLDEST_CODE = "0002"


def upgrade() -> None:
    """Add the columns."""
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    for table in ("consents", "consent_evidence"):
        op.add_column(table, sa.Column("told", text, nullable=True))
    op.execute(sa.text("UPDATE schema_support SET oldest_revision = :code").bindparams(code=OLDEST_CODE))
