"""Tables of what speaks for and against sign-ins, and of what people are told about their accounts' safety."""

from sqlalchemy import Column, Index, LargeBinary, Table, Text, UniqueConstraint

from idp.adapters.sql.tables.main import Number, metadata

past_sign_ins = Table(
    "past_sign_ins",
    metadata,
    Column("sign_in_id", Text, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("network", Text, nullable=False),
    # Under the person's erasable key.
    Column("place", LargeBinary),
    Column("at", Number, nullable=False),
    Column("expires_at", Number, nullable=False),
    UniqueConstraint("account_id", "device", "network"),
    Index(None, "expires_at"),
    sqlite_strict=True,
)

security_alerts = Table(
    "security_alerts",
    metadata,
    Column("alert_id", Text, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", Number, nullable=False),
    # Country and province at most.
    Column("place", Text),
    # What the alert is about, by identifier: the change of a contact that can be undone.
    Column("reference", Text),
    Column("seen_at", Number),
    Column("expires_at", Number, nullable=False),
    Index(None, "account_id", "alert_id"),
    Index(None, "expires_at"),
    sqlite_strict=True,
)

# Leaves after the fact and by itself: a lease is a due time moved on, as in the outbox of logout tokens.
alert_messages = Table(
    "alert_messages",
    metadata,
    Column("message_id", Text, primary_key=True),
    Column("alert_id", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("channel", Text, nullable=False),
    # Where it goes when that is no contact of the person any more; under the person's erasable key.
    Column("address", LargeBinary),
    Column("attempts", Number, nullable=False),
    Column("created_at", Number, nullable=False),
    Column("due_at", Number, nullable=False),
    Index(None, "due_at"),
    Index(None, "account_id"),
    sqlite_strict=True,
)

contact_changes = Table(
    "contact_changes",
    metadata,
    Column("change_id", Text, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    # What stood there before, under the person's erasable key.
    Column("former", LargeBinary),
    Column("changed_at", Number, nullable=False),
    Column("held_until", Number, nullable=False),
    Column("undone_at", Number),
    Column("expires_at", Number, nullable=False),
    Index(None, "account_id", "change_id"),
    Index(None, "expires_at"),
    sqlite_strict=True,
)
