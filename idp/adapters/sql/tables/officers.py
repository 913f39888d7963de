"""Tables of officers who come and go: links that activate accounts, successors of agencies, provisioning by others."""

from sqlalchemy import Column, Index, LargeBinary, Table, Text, UniqueConstraint, text

from idp.adapters.sql.tables.main import Number, metadata, officer_posts

# Posts that ended, or will, and whose holders were not seen to since.
Index(
    "ix_officer_posts_ending",
    officer_posts.c.held_to,
    sqlite_where=text("held_to IS NOT NULL AND settled_at IS NULL"),
    postgresql_where=text("held_to IS NOT NULL AND settled_at IS NULL"),
)

# One link for each account: a newer one takes the place of the older.
activation_links = Table(
    "activation_links",
    metadata,
    Column("account_id", Text, primary_key=True),
    Column("token_hash", LargeBinary, nullable=False),
    Column("created_at", Number, nullable=False),
    Column("expires_at", Number, nullable=False),
    Column("claimed_at", Number),
    UniqueConstraint("token_hash"),
    sqlite_strict=True,
)

agency_successors = Table(
    "agency_successors",
    metadata,
    Column("code", Text, primary_key=True),
    Column("successor", Text, primary_key=True),
    Index(None, "successor"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# Officers whom another system looks after: under which client, and what it calls them.
officer_provisioning = Table(
    "officer_provisioning",
    metadata,
    Column("account_id", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("external_index", LargeBinary),
    Column("external_id", LargeBinary),
    Column("changed_at", Number, nullable=False),
    UniqueConstraint("external_index"),
    sqlite_strict=True,
)
