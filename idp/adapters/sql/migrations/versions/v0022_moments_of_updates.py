"""When what services are told of a person changed last has a column of its own.

Only adds a column that may be empty: code of revision 0002 leaves it alone. What that code changes moves it no further,
and it tells `updated_at` of those alone whose files said it before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

OLDEST_CODE = "0002"


def upgrade() -> None:
    """Add the column."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("persons", sa.Column("updated_at", number, nullable=True))
    op.execute(sa.text("UPDATE schema_support SET oldest_revision = :code").bindparams(code=OLDEST_CODE))
