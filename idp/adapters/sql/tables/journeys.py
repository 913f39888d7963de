"""The table of how many sign-ins were begun and completed."""

from sqlalchemy import Column, Table, Text

from idp.adapters.sql.tables.main import Number, metadata

journey_counts = Table(
    "journey_counts",
    metadata,
    Column("hour", Number, primary_key=True),
    Column("stage", Text, primary_key=True),
    Column("form_factor", Text, primary_key=True),
    Column("locale", Text, primary_key=True),
    Column("way", Text, primary_key=True),
    Column("count", Number, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
