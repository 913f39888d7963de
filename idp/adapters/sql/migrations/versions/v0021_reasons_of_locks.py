"""Suspensions say why.

Only adds a column with a value for every lock: code of revision 0002 opens locks without it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

OLDEST_CODE = "0002"


def upgrade() -> None:
    """Add the column."""
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.add_column("account_locks", sa.Column("reason", text, nullable=False, server_default=sa.text("''")))
    op.execute(sa.text("UPDATE schema_support SET oldest_revision = :code").bindparams(code=OLDEST_CODE))
