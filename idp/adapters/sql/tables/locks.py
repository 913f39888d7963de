"""The tables of locks and their grounds, of authorities' requests, of working days, and of records that age."""

from sqlalchemy import Column, Index, LargeBinary, Table, Text, text

from idp.adapters.sql.tables.main import Number, metadata

# `holder` is an account, or an organisation (`organisation:` and its tax code). An account is locked while one of its
# rows has not `ended`; `reference` tells two locks on one ground apart, and is empty where there can be only one.
# `authority` is the office that asked for it or did it, `reason` a word of a fixed list, where a ground has one.
account_locks = Table(
    "account_locks",
    metadata,
    Column("lock_id", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("ground", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("authority", Text, nullable=False),
    Column("since", Number, nullable=False),
    Column("until", Number),
    Column("ended", Number),
    Column("reason", Text, nullable=False, server_default=text("''")),
    Index(None, "holder", "since"),
    sqlite_strict=True,
)
Index(
    "uq_account_locks_open",
    account_locks.c.holder,
    account_locks.c.ground,
    account_locks.c.reference,
    unique=True,
    sqlite_where=account_locks.c.ended.is_(None),
    postgresql_where=account_locks.c.ended.is_(None),
)
Index(
    "ix_account_locks_until",
    account_locks.c.until,
    sqlite_where=account_locks.c.ended.is_(None),
    postgresql_where=account_locks.c.ended.is_(None),
)

# The latest event of a register on each ground of a person or organisation, in milliseconds of the register's clock.
register_marks = Table(
    "register_marks",
    metadata,
    Column("holder", Text, primary_key=True),
    Column("ground", Text, primary_key=True),
    Column("event_at", Number, nullable=False),
    Column("event_id", Text, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# The same under a personal number that nobody here has (`number_index` is its blind index), until somebody has it.
kept_register_events = Table(
    "kept_register_events",
    metadata,
    Column("kept_id", Text, primary_key=True),
    Column("number_index", LargeBinary, nullable=False),
    Column("ground", Text, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("event_at", Number, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("expires_at", Number, nullable=False),
    Index("uq_kept_register_events_number_index_ground", "number_index", "ground", unique=True),
    Index(None, "expires_at"),
    sqlite_strict=True,
)

# Which such number became which: both are one human's, with whichever of them he or she comes. `change` is what the
# register issued, sealed under a key of its own.
kept_number_changes = Table(
    "kept_number_changes",
    metadata,
    Column("kept_id", Text, primary_key=True),
    Column("number_index", LargeBinary, nullable=False),
    Column("successor_index", LargeBinary, nullable=False),
    Column("event_at", Number, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("change_key", LargeBinary, nullable=False),
    Column("change", LargeBinary, nullable=False),
    Column("expires_at", Number, nullable=False),
    Index("uq_kept_number_changes_number_index_successor_index", "number_index", "successor_index", unique=True),
    Index(None, "successor_index"),
    Index(None, "expires_at"),
    sqlite_strict=True,
)

# `texts` (legal reference, refusal) may name people: sealed under the key of the person's record.
lock_requests = Table(
    "lock_requests",
    metadata,
    Column("request_id", Text, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("authority", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("document_digest", Text, nullable=False),
    Column("texts", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("version", Number, nullable=False),
    Column("entered_at", Number, nullable=False),
    Column("entered_by", Text, nullable=False),
    # When the step that is next has to be done; None once nothing is to be done any more.
    Column("due_at", Number),
    Column("forwarded_at", Number),
    Column("forwarded_by", Text),
    Column("decided_at", Number),
    Column("decided_by", Text),
    Index(None, "state", "request_id"),
    Index(None, "due_at"),
    Index(None, "account_id"),
    sqlite_strict=True,
)

# Days that are not what their weekday says.
special_days = Table(
    "special_days",
    metadata,
    Column("day", Text, primary_key=True),
    Column("works", Number, nullable=False),
    Column("name", Text, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# Records with an end that lies ahead, or that changed: `due_at` is when to look again.
ageing_records = Table(
    "ageing_records",
    metadata,
    Column("person_id", Text, primary_key=True),
    Column("due_at", Number, nullable=False),
    Column("seen_at", Number, nullable=False),
    Column("noticed_for", Number),
    Index(None, "due_at", "person_id"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
