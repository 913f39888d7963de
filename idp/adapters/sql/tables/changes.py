"""The table of changes that wait for a second pair of eyes, and of those that were decided."""

from sqlalchemy import Column, Index, LargeBinary, Table, Text

from idp.adapters.sql.tables.main import Number, metadata

change_requests = Table(
    "change_requests",
    metadata,
    Column("change_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("version", Text, nullable=False),
    # What is asked may name people: sealed under a key of its own.
    Column("payload_key", LargeBinary, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("agency_code", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", Number, nullable=False),
    Column("expires_at", Number, nullable=False),
    Column("state", Text, nullable=False),
    Column("decided_by", Text),
    Column("decided_at", Number),
    Index(None, "state", "kind", "change_id"),
    sqlite_strict=True,
)
