"""Tables of what people agreed to share: what is in force, and the evidence of every decision."""

from sqlalchemy import Column, Index, Table, Text

from idp.adapters.sql.tables.main import Number, metadata

consents = Table(
    "consents",
    metadata,
    Column("account_id", Text, primary_key=True),
    Column("client_id", Text, primary_key=True),
    Column("scopes", Text, nullable=False),
    Column("claims", Text, nullable=False),
    Column("given_at", Number, nullable=False),
    Column("terms", Text),
    Column("told", Text),
    Column("consent_id", Text),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

consent_evidence = Table(
    "consent_evidence",
    metadata,
    Column("evidence_id", Text, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("at", Number, nullable=False),
    Column("decision", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("claims", Text, nullable=False),
    Column("terms", Text),
    Column("told", Text),
    Index(None, "account_id", "client_id", "at"),
    sqlite_strict=True,
)
