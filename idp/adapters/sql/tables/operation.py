"""Tables of the provider's own running: nothing in them is about a person or a service."""

from sqlalchemy import Column, LargeBinary, Table, Text, UniqueConstraint

from idp.adapters.sql.tables.main import Number, metadata

versions = Table(
    "versions",
    metadata,
    Column("name", Text, primary_key=True),
    Column("version", Number, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# Who does what only one process may do at a time (`adapters.sql.leases`); an empty owner is nobody.
job_leases = Table(
    "job_leases",
    metadata,
    Column("job", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("fence", Number, nullable=False),
    Column("beat", Number, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# One row: the oldest revision whose code works on this schema (`adapters.sql.revisions`).
schema_support = Table(
    "schema_support",
    metadata,
    Column("oldest_revision", Text, nullable=False),
    sqlite_strict=True,
)

# Who may register clients; nothing is deleted, there are as many as operators made.
initial_access_tokens = Table(
    "initial_access_tokens",
    metadata,
    Column("token_id", Text, primary_key=True),
    Column("token_hash", LargeBinary, nullable=False),
    Column("note", Text, nullable=False),
    Column("created_at", Number, nullable=False),
    Column("expires_at", Number, nullable=False),
    Column("uses_left", Number, nullable=False),
    Column("revoked_at", Number),
    UniqueConstraint("token_hash"),
    sqlite_strict=True,
)

import_marks = Table(
    "import_marks",
    metadata,
    Column("source", Text, primary_key=True),
    Column("line", Number, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# Of each key of the keystore the state that the audit trail was told last; there are a few more of them each quarter.
told_keys = Table(
    "told_keys",
    metadata,
    Column("name", Text, primary_key=True),
    Column("state", Text, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
