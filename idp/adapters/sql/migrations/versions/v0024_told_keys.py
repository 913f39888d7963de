"""Which state of each key the audit trail was told last.

Only adds a table: code of revision 0002 knows nothing of it, and tells of keys as it did. What it told is told once
more by this release.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

OLDEST_CODE = "0002"


def upgrade() -> None:
    """Add the table."""
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.create_table(
        "told_keys",
        sa.Column("name", text, nullable=False),
        sa.Column("state", text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_told_keys"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.execute(sa.text("UPDATE schema_support SET oldest_revision = :code").bindparams(code=OLDEST_CODE))
