"""Tables of assurance: the policy's versions, and what was done at sign-ins, as reports and dry runs read it."""

from sqlalchemy import Column, Index, LargeBinary, Table, Text

from idp.adapters.sql.tables.main import Number, metadata

# Rows are added and never changed. Version 1 is the one that the code brings.
assurance_policies = Table(
    "assurance_policies",
    metadata,
    Column("version", Number, primary_key=True, autoincrement=False),
    Column("effective_from", Number, nullable=False),
    Column("recorded_at", Number, nullable=False),
    Column("document", LargeBinary, nullable=False),
    sqlite_strict=True,
)

# Made from the audit trail, whose record `fact_id` names; what is lost here is read there again.
sign_in_facts = Table(
    "sign_in_facts",
    metadata,
    Column("fact_id", Text, primary_key=True),
    Column("at", Number, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("account_id", Text),
    Column("account_kind", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("acr", Text, nullable=False),
    Column("level", Number, nullable=False),
    Column("methods", Text, nullable=False),
    Column("second_factor", Number, nullable=False),
    # Everything that a policy judges a sign-in by, the same text for equal ones; empty where nothing was judged.
    Column("shape", Text, nullable=False),
    Column("expires_at", Number, nullable=False),
    Index(None, "outcome", "at"),
    Index(None, "expires_at"),
    sqlite_strict=True,
)

# How far a reader of the audit trail came, in each of its streams.
audit_readers = Table(
    "audit_readers",
    metadata,
    Column("reader", Text, primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("sequence", Number, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
