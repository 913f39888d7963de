"""Which clients a change was about, so that processes read those again and no others.

Only adds a column that has a default: code of revision 0002 leaves it alone, and what that code changes is told from
the version that it moves alone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

OLDEST_CODE = "0002"


def upgrade() -> None:
    """Add the column and its index."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("clients", sa.Column("version", number, nullable=False, server_default=sa.text("0")))
    op.create_index("ix_clients_version", "clients", ["version"])
    op.execute(sa.text("UPDATE schema_support SET oldest_revision = :code").bindparams(code=OLDEST_CODE))
