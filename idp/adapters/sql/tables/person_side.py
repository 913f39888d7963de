"""Tables of what people see and ask about their own data: releases and their terms, corrections, closed accounts."""

from sqlalchemy import Column, Index, LargeBinary, Table, Text, text

from idp.adapters.sql.tables.main import Number, metadata

# Every allow-list that a client ever had: releases, consents and receipts name them by version.
claims_policies = Table(
    "claims_policies",
    metadata,
    Column("client_id", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("document", LargeBinary, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# Made from the audit trail, once for all releases of one set of claims to one client on one day of the country.
releases = Table(
    "releases",
    metadata,
    # Begins with the day, so that what is written together lies together.
    Column("release_id", Text, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("endpoint", Text, nullable=False),
    Column("claims", Text, nullable=False),
    Column("basis", Text, nullable=False),
    Column("terms", Text),
    Column("first_at", Number, nullable=False),
    Column("last_at", Number, nullable=False),
    Column("count", Number, nullable=False),
    Column("expires_at", Number, nullable=False),
    Index(None, "account_id", "release_id"),
    Index(None, "expires_at"),
    sqlite_strict=True,
)

correction_requests = Table(
    "correction_requests",
    metadata,
    Column("request_id", Text, primary_key=True),
    Column("account_id", Text, nullable=False),
    # Whose key seals what was asked and answered: the record's, since the law keeps both.
    Column("person_id", Text, nullable=False),
    Column("asked", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("asked_at", Number, nullable=False),
    Column("answer_due", Number, nullable=False),
    Column("complete_due", Number, nullable=False),
    Column("answered_by", Text),
    Column("answered_at", Number),
    Column("answer", LargeBinary),
    Column("change_id", Text),
    Column("completed_at", Number),
    Index(None, "account_id", "request_id"),
    Index(None, "state", "answer_due", "request_id"),
    sqlite_strict=True,
)

account_closures = Table(
    "account_closures",
    metadata,
    Column("account_id", Text, primary_key=True),
    Column("asked_at", Number, nullable=False),
    Column("due_at", Number, nullable=False),
    Column("closed_at", Number),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
Index(
    "ix_account_closures_due",
    account_closures.c.due_at,
    account_closures.c.account_id,
    sqlite_where=text("closed_at IS NULL"),
    postgresql_where=text("closed_at IS NULL"),
)
