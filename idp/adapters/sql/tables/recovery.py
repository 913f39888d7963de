"""Tables of getting back into an account: who is trusted with it, what was asked, and whose word was given.

Identifiers and moments alone: nothing here is personal data by itself, and no code lies in the clear.
"""

from sqlalchemy import Column, Index, LargeBinary, Table, Text
from sqlalchemy import UniqueConstraint as Unique

from idp.adapters.sql.tables.main import Number, metadata

trusted_people = Table(
    "trusted_people",
    metadata,
    Column("account_id", Text, primary_key=True),
    # The account of whoever is trusted.
    Column("helper", Text, primary_key=True),
    Column("named_at", Number, nullable=False),
    Column("accepted_at", Number),
    Index(None, "helper"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# A row without an account stands for an identifier that nobody has: asking for it costs the same.
recovery_requests = Table(
    "recovery_requests",
    metadata,
    Column("request_id", Text, primary_key=True),
    Column("account_id", Text),
    Column("way", Text, nullable=False),
    Column("lost", Text, nullable=False),
    Column("code_hash", LargeBinary),
    Column("needed", Number, nullable=False),
    Column("confirmed", Number, nullable=False),
    Column("asked_at", Number, nullable=False),
    Column("ready_at", Number),
    Column("ended", Text),
    Column("ended_at", Number),
    Column("held_until", Number),
    Column("open_until", Number, nullable=False),
    # When the row goes: what came of it is shown for longer than it can be used.
    Column("expires_at", Number, nullable=False),
    Unique("code_hash"),
    Index(None, "account_id", "request_id"),
    Index(None, "expires_at"),
    sqlite_strict=True,
)

recovery_words = Table(
    "recovery_words",
    metadata,
    # Made of request and helper, so that nobody's word counts twice.
    Column("word_id", Text, primary_key=True),
    Column("request_id", Text, nullable=False),
    Column("helper", Text, nullable=False),
    Column("given_at", Number, nullable=False),
    Column("expires_at", Number, nullable=False),
    Index(None, "request_id"),
    Index(None, "helper"),
    Index(None, "expires_at"),
    sqlite_strict=True,
)
