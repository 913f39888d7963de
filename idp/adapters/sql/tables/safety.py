"""Tables of what people see of their account's safety: sessions, trusted browsers, what happened."""

from sqlalchemy import Column, Index, Table, Text

from idp.adapters.sql.tables.main import Number, metadata

# What is shown of a session. Whether it has ended is told by `ended_sessions` and by the account, so that ending one
# writes nothing here; the browser is told by family and system, the address by its pseudonym and place.
session_records = Table(
    "session_records",
    metadata,
    Column("session_id", Text, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("store_key", Text, nullable=False),
    Column("browser", Text, nullable=False),
    Column("system", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("place", Text),
    Column("started_at", Number, nullable=False),
    Column("expires_at", Number, nullable=False),
    Index(None, "account_id", "session_id"),
    Index(None, "expires_at"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

trusted_browsers = Table(
    "trusted_browsers",
    metadata,
    # A keyed hash of the account and of the name in the browser's cookie.
    Column("browser_id", Text, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("browser", Text, nullable=False),
    Column("system", Text, nullable=False),
    Column("place", Text),
    Column("trusted_at", Number, nullable=False),
    Column("expires_at", Number, nullable=False),
    Index(None, "account_id", "trusted_at"),
    Index(None, "expires_at"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# Made from the audit trail. The identifier begins with the moment.
security_events = Table(
    "security_events",
    metadata,
    Column("event_id", Text, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("at", Number, nullable=False),
    Column("name", Text, nullable=False),
    Column("details", Text, nullable=False),
    Column("expires_at", Number, nullable=False),
    Index(None, "account_id", "event_id"),
    Index(None, "expires_at"),
    sqlite_strict=True,
)
