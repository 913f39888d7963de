"""Tables of the provider's own running: nothing in them is about a person or a service."""

from sqlalchemy import Column, Table, Text

from idp.adapters.sql.tables import Number, metadata

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

import_marks = Table(
    "import_marks",
    metadata,
    Column("source", Text, primary_key=True),
    Column("line", Number, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
