"""The tables of acting for others: mandates with the consents that they need, and guardianships."""

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, Table, Text, text

from idp.adapters.sql.tables.main import Number, metadata

# `giver` is a person, or an organisation's tax code (`giver_kind`); `services` and `functions` are lists in JSON.
mandates = Table(
    "mandates",
    metadata,
    Column("mandate_id", Text, primary_key=True),
    Column("giver_kind", Text, nullable=False),
    Column("giver", Text, nullable=False),
    Column("holder", Text, nullable=False),
    Column("services", Text, nullable=False),
    Column("functions", Text, nullable=False),
    Column("valid_from", Number, nullable=False),
    Column("valid_to", Number, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", Number, nullable=False),
    Column("agreed_at", Number),
    Column("accepted_at", Number),
    Column("ended_at", Number),
    # `end` is a word of SQL.
    Column("ended_because", Text),
    Index(None, "giver", "giver_kind"),
    Index(None, "holder"),
    sqlite_strict=True,
)
Index(
    "ix_mandates_ending",
    mandates.c.valid_to,
    sqlite_where=mandates.c.ended_at.is_(None),
    postgresql_where=mandates.c.ended_at.is_(None),
)

# Which other legal representatives of the giver agreed, and when.
mandate_consents = Table(
    "mandate_consents",
    metadata,
    Column("mandate_id", Text, ForeignKey("mandates.mandate_id"), primary_key=True),
    Column("person_id", Text, primary_key=True),
    Column("consented_at", Number, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# `details` is what the guardian said of the ward, sealed under the key of the guardian's record; `ward` is known once
# an office confirmed it.
guardianships = Table(
    "guardianships",
    metadata,
    Column("guardianship_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("guardian", Text, nullable=False),
    Column("ward", Text),
    Column("details", LargeBinary, nullable=False),
    Column("asked_at", Number, nullable=False),
    Column("confirmed_at", Number),
    Column("ended_at", Number),
    Column("ended_because", Text),
    Column("reviewed_age", Number, nullable=False),
    # When a round looks at it again: at once unless somebody says otherwise, never where it is empty.
    Column("due_at", Number, server_default=text("0")),
    Index(None, "guardian"),
    Index(None, "ward"),
    sqlite_strict=True,
)
# What waits for an office, and what is in force, are two short ranges.
Index(
    "ix_guardianships_waiting",
    guardianships.c.guardianship_id,
    sqlite_where=guardianships.c.ended_at.is_(None) & guardianships.c.confirmed_at.is_(None),
    postgresql_where=guardianships.c.ended_at.is_(None) & guardianships.c.confirmed_at.is_(None),
)
Index(
    "ix_guardianships_in_force",
    guardianships.c.guardianship_id,
    sqlite_where=guardianships.c.ended_at.is_(None) & guardianships.c.confirmed_at.is_not(None),
    postgresql_where=guardianships.c.ended_at.is_(None) & guardianships.c.confirmed_at.is_not(None),
)
Index(
    "ix_guardianships_due",
    guardianships.c.due_at,
    guardianships.c.guardianship_id,
    sqlite_where=guardianships.c.confirmed_at.is_not(None) & guardianships.c.due_at.is_not(None),
    postgresql_where=guardianships.c.confirmed_at.is_not(None) & guardianships.c.due_at.is_not(None),
)
