"""When guardianships have to be looked at again, so that a round reads no others.

Only adds a column that has a default, and its index: code of revision 0002 leaves them alone, and what that code writes
is due at once. So is all that there is: birthdates are sealed, and the first round reads them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

OLDEST_CODE = "0002"


def upgrade() -> None:
    """Add the column and its index."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("guardianships", sa.Column("due_at", number, nullable=True, server_default=sa.text("0")))
    is_due = sa.text("confirmed_at IS NOT NULL AND due_at IS NOT NULL")
    op.create_index(
        "ix_guardianships_due",
        "guardianships",
        ["due_at", "guardianship_id"],
        sqlite_where=is_due,
        postgresql_where=is_due,
    )
    op.execute(sa.text("UPDATE schema_support SET oldest_revision = :code").bindparams(code=OLDEST_CODE))
