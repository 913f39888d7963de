"""The tables of proofing at a counter, of what finds one human twice, and of accounts that were merged."""

from sqlalchemy import Column, Index, LargeBinary, Table, Text

from idp.adapters.sql.tables.main import Number, metadata

# `findings` (card, checks, pages, ground) are sealed under a key of the case's own.
proofing_cases = Table(
    "proofing_cases",
    metadata,
    Column("case_id", Text, primary_key=True),
    Column("person_id", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("agency_code", Text, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("opened_at", Number, nullable=False),
    Column("expires_at", Number, nullable=False),
    Column("state", Text, nullable=False),
    Column("findings_key", LargeBinary),
    Column("findings", LargeBinary),
    Column("decided_by", Text),
    Column("decided_at", Number),
    Column("reason", Text),
    Column("change_id", Text),
    Column("code_given_at", Number),
    Index(None, "agency_code", "state", "case_id"),
    Index(None, "state", "case_id"),
    sqlite_strict=True,
)
# One case at a time, whoever opened it.
Index(
    "uq_proofing_cases_open",
    proofing_cases.c.person_id,
    unique=True,
    sqlite_where=proofing_cases.c.decided_at.is_(None),
    postgresql_where=proofing_cases.c.decided_at.is_(None),
)

# What two records of one human have in common, as blind indexes: `kind` is name_and_birthdate, or card.
person_likenesses = Table(
    "person_likenesses",
    metadata,
    Column("blind_index", LargeBinary, primary_key=True),
    Column("person_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# The forwarding mark of an account that was found to be somebody's second one; all that it had stays where it was.
account_merges = Table(
    "account_merges",
    metadata,
    Column("merged_account_id", Text, primary_key=True),
    Column("merged_person_id", Text, nullable=False),
    Column("surviving_account_id", Text, nullable=False),
    Column("surviving_person_id", Text, nullable=False),
    Column("change_id", Text, nullable=False),
    Column("merged_at", Number, nullable=False),
    Column("decided_by", Text, nullable=False),
    Index(None, "surviving_account_id"),
    Index(None, "merged_person_id"),
    sqlite_strict=True,
)
