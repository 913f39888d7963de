"""Tables of the people room: words by which people are found, and who looked at whose record and why."""

from sqlalchemy import Column, Index, LargeBinary, Table, Text

from idp.adapters.sql.tables.main import Number, metadata

# What people are found by, as blind tokens: each word of the name without marks, the year of birth, the birthdate.
name_words = Table(
    "name_words",
    metadata,
    Column("token", LargeBinary, primary_key=True),
    Column("person_id", Text, primary_key=True),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# How far the words were made of people who were there before there were any: everybody up to `position`, of those who
# came before the moment `until`. A database that began with this table has no row.
name_word_progress = Table(
    "name_word_progress",
    metadata,
    Column("part", Text, primary_key=True),
    Column("position", Text, nullable=False),
    Column("until", Number, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# The identifier begins with the moment. `told` (agency, position, case reference) lies under the key of the record
# that was looked at; `officer` is the officer's account.
record_accesses = Table(
    "record_accesses",
    metadata,
    Column("access_id", Text, primary_key=True),
    Column("person_id", Text, nullable=False),
    Column("officer", Text, nullable=False),
    Column("officer_id", Text, nullable=False),
    Column("agency_code", Text, nullable=False),
    Column("at", Number, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("seen", Text, nullable=False),
    Column("told", LargeBinary, nullable=False),
    Column("expires_at", Number, nullable=False),
    Index(None, "person_id", "access_id"),
    Index(None, "expires_at"),
    sqlite_strict=True,
)
