"""Every table, the same on each engine.

Moments are whole seconds, documents JSON; keys are chosen by the core. Foreign keys stay inside one account's own rows:
what grows with traffic (grants, outbox, audit) stands alone, so that it can be spread and dropped by time.
"""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text, text
from sqlalchemy import UniqueConstraint as Unique

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)

Number = BigInteger().with_variant(Integer(), "sqlite")

persons = Table(
    "persons",
    metadata,
    Column("person_id", Text, primary_key=True),
    # What the law keeps (name, birth, personal number) and what may be erased (contacts) have keys of their own.
    Column("record_key", LargeBinary, nullable=False),
    Column("record", LargeBinary, nullable=False),
    Column("erasable_key", LargeBinary),
    Column("erasable", LargeBinary),
    Column("created_at", Number, nullable=False),
    Column("updated_at", Number),  # when what services are told changed last
    sqlite_strict=True,
)

accounts = Table(
    "accounts",
    metadata,
    Column("account_id", Text, primary_key=True),
    Column("person_id", Text, ForeignKey("persons.person_id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("sessions_valid_from", Number, nullable=False),
    Column("password_hash", Text),
    Column("always_ask", Number, nullable=False),
    Column("locale", Text),
    Column("created_at", Number, nullable=False),
    # The last use that was recorded (None: none since the account was made), or the last of `idle_notices`.
    Column("idle_from", Number),
    Column("idle_notices", Number, nullable=False, server_default=text("0")),
    Unique("person_id", "kind"),
    sqlite_strict=True,
)
# Who has been idle for so long is one range for each number of notices; accounts that are locked have no place in it.
Index(
    "ix_accounts_idle",
    accounts.c.idle_notices,
    text("coalesce(idle_from, created_at)"),
    accounts.c.account_id,
    sqlite_where=text("status = 'active'"),
    postgresql_where=text("status = 'active'"),
)

identifiers = Table(
    "identifiers",
    metadata,
    Column("blind_index", LargeBinary, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("verified_at", Number),
    Index(None, "account_id"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

officers = Table(
    "officers",
    metadata,
    Column("account_id", Text, ForeignKey("accounts.account_id"), primary_key=True),
    Column("officer_id", Text, nullable=False),
    Column("username", LargeBinary, nullable=False),
    Unique("officer_id"),
    sqlite_strict=True,
)

officer_posts = Table(
    "officer_posts",
    metadata,
    Column("post_id", Text, primary_key=True),
    Column("account_id", Text, ForeignKey("officers.account_id"), nullable=False),
    Column("agency_code", Text, nullable=False),
    Column("position", LargeBinary, nullable=False),
    Column("roles", Text, nullable=False),
    Column("held_from", Number, nullable=False),
    Column("held_to", Number),
    # When what the officer had open ended, after the post did.
    Column("settled_at", Number),
    Index(None, "agency_code"),
    Index(None, "account_id", "held_from"),
    sqlite_strict=True,
)
# At most one post without an end.
Index(
    "uq_officer_posts_current",
    officer_posts.c.account_id,
    unique=True,
    sqlite_where=officer_posts.c.held_to.is_(None),
    postgresql_where=officer_posts.c.held_to.is_(None),
)

agencies = Table(
    "agencies",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("parent", Text),
    Column("valid_from", Text),
    Column("valid_to", Text),
    Index(None, "parent", "code"),
    sqlite_strict=True,
)

organisations = Table(
    "organisations",
    metadata,
    Column("tax_code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    sqlite_strict=True,
)

organisation_representatives = Table(
    "organisation_representatives",
    metadata,
    Column("tax_code", Text, ForeignKey("organisations.tax_code"), primary_key=True),
    Column("person_id", Text, primary_key=True),
    Index(None, "person_id"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

authenticators = Table(
    "authenticators",
    metadata,
    Column("authenticator_id", Text, primary_key=True),
    Column("account_id", Text, ForeignKey("accounts.account_id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("secret", LargeBinary),
    Column("last_step", Number, nullable=False),
    Column("created_at", Number, nullable=False),
    # What the person calls it.
    Column("name", LargeBinary),
    Unique("account_id", "kind"),
    sqlite_strict=True,
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("account_id", Text, ForeignKey("accounts.account_id"), primary_key=True),
    Column("code_hash", LargeBinary, primary_key=True),
    Column("used_at", Number),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

clients = Table(
    "clients",
    metadata,
    Column("client_id", Text, primary_key=True),
    Column("document", LargeBinary, nullable=False),
    Column("wants_logout", Number, nullable=False),
    Column("version", Number, nullable=False, server_default=text("0"), index=True),  # number of its last change
    sqlite_strict=True,
)

resources = Table(
    "resources",
    metadata,
    Column("audience", Text, primary_key=True),
    Column("scopes", Text, nullable=False),
    sqlite_strict=True,
)

# A row without `started_at` is the mark of a revocation that came before its grant.
grants = Table(
    "grants",
    metadata,
    Column("grant_id", Text, primary_key=True),
    Column("client_id", Text),
    Column("account_id", Text),
    Column("session_id", Text),
    Column("created_at", Number),
    Column("started_at", Number),
    Column("expires_at", Number, nullable=False),
    Column("offline", Number, nullable=False),
    Column("family_hash", LargeBinary),
    Column("turn_hash", LargeBinary),
    Column("generation", Number, nullable=False),
    Column("revoked_at", Number),
    Column("revocation_reason", Text),
    Column("details", LargeBinary),
    Unique("family_hash"),
    Index(None, "account_id", "client_id"),
    Index(None, "session_id"),
    Index(None, "expires_at"),
    sqlite_strict=True,
)

# Remembered until every code given in the session is dead, so that none of them starts a grant afterwards.
ended_sessions = Table(
    "ended_sessions",
    metadata,
    Column("session_id", Text, primary_key=True),
    Column("expires_at", Number, nullable=False),
    Index(None, "expires_at"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

revoked_access_tokens = Table(
    "revoked_access_tokens",
    metadata,
    Column("token_id", Text, primary_key=True),
    Column("expires_at", Number, nullable=False),
    Index(None, "expires_at"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

outbox = Table(
    "outbox",
    metadata,
    Column("message_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("session_id", Text, nullable=False),
    Column("attempts", Number, nullable=False),
    Column("created_at", Number, nullable=False),
    Column("due_at", Number, nullable=False),
    Index(None, "due_at"),
    Index(None, "client_id", "due_at", "message_id"),
    sqlite_strict=True,
)

audit_records = Table(
    "audit_records",
    metadata,
    Column("stream", Text, primary_key=True),
    Column("sequence", Number, primary_key=True),
    Column("at_milliseconds", Number, nullable=False),
    Column("name", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("previous", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# Values, counters and throttles alike; `number` is a count or the moment a throttle is empty again.
short_lived = Table(
    "short_lived",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", LargeBinary),
    Column("tombstone", Text),
    Column("number", Number),
    Column("claimed_at", Number),
    Column("expires_at", Number, nullable=False),
    Index(None, "expires_at"),
    sqlite_strict=True,
)
