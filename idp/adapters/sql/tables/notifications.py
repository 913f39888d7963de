"""The table of messages that tell clients that somebody decided; what they say lies in the short-lived store."""

from sqlalchemy import Column, Index, Table, Text

from idp.adapters.sql.tables.main import Number, metadata

client_notifications = Table(
    "client_notifications",
    metadata,
    Column("message_id", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("attempts", Number, nullable=False),
    Column("created_at", Number, nullable=False),
    Column("due_at", Number, nullable=False),
    Index(None, "due_at"),
    Index(None, "client_id", "due_at", "message_id"),
    sqlite_strict=True,
)
