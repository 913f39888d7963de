"""The first schema.

On PostgreSQL what grows with time is partitioned (docs/decisions/0012-partitions-are-found-by-identifiers.md): here it
gets the partition for everything that has none of its own, the others come and go with time.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table."""
    _create_people()
    _create_offices()
    _create_clients()
    _create_grants()
    _create_consents()
    _create_records()
    _create_short_lived()
    if _is_postgresql():
        _create_pending_events()
        _tune_storage()


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _table(name: str, *items: sa.schema.SchemaItem, clustered: bool = False, partitioned_by: str | None = None) -> None:
    options: dict[str, Any] = {"sqlite_with_rowid": False} if clustered else {}
    if partitioned_by is not None:
        options["postgresql_partition_by"] = f"RANGE ({partitioned_by})"
    op.create_table(name, *items, sqlite_strict=True, **options)
    if partitioned_by is not None and _is_postgresql():
        op.execute(f"CREATE TABLE {name}_default PARTITION OF {name} DEFAULT")


def _sweep_index(name: str) -> None:
    """Index what expires; partitions are dropped whole, so that only rows without one are looked for."""
    table = f"{name}_default" if _is_postgresql() else name
    op.create_index(f"ix_{name}_expires_at", table, ["expires_at"])


def _text(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    """Compared byte by byte: an operating system's new idea of an alphabet must not break an index."""
    return sa.Column(name, sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=nullable)


def _bytes(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.LargeBinary(), nullable=nullable)


def _create_people() -> None:
    """Who signs in, and with what."""
    _table(
        "persons",
        _text("person_id"),
        _bytes("record_key"),
        _bytes("record"),
        _bytes("erasable_key", nullable=True),
        _bytes("erasable", nullable=True),
        _number("created_at"),
        sa.PrimaryKeyConstraint("person_id", name="pk_persons"),
    )
    _table(
        "accounts",
        _text("account_id"),
        _text("person_id"),
        _text("kind"),
        _text("status"),
        _number("sessions_valid_from"),
        _text("password_hash", nullable=True),
        _number("always_ask"),
        _text("locale", nullable=True),
        _number("created_at"),
        sa.PrimaryKeyConstraint("account_id", name="pk_accounts"),
        sa.UniqueConstraint("person_id", "kind", name="uq_accounts_person_id_kind"),
        *_person_of_account(),
    )
    _table(
        "identifiers",
        _bytes("blind_index"),
        _text("account_id"),
        _text("kind"),
        _number("verified_at", nullable=True),
        sa.PrimaryKeyConstraint("blind_index", name="pk_identifiers"),
        clustered=True,
    )
    op.create_index("ix_identifiers_account_id", "identifiers", ["account_id"])
    _table(
        "authenticators",
        _text("authenticator_id"),
        _text("account_id"),
        _text("kind"),
        _bytes("secret", nullable=True),
        _number("last_step"),
        _number("created_at"),
        sa.PrimaryKeyConstraint("authenticator_id", name="pk_authenticators"),
        sa.UniqueConstraint("account_id", "kind", name="uq_authenticators_account_id_kind"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"], name="fk_authenticators_account_id"),
    )
    _table(
        "recovery_codes",
        _text("account_id"),
        _bytes("code_hash"),
        _number("used_at", nullable=True),
        sa.PrimaryKeyConstraint("account_id", "code_hash", name="pk_recovery_codes"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"], name="fk_recovery_codes_account_id"),
        clustered=True,
    )


def _person_of_account() -> list[sa.schema.SchemaItem]:
    """A person and the account may lie on different servers of a distributed PostgreSQL."""
    if _is_postgresql():
        return []
    return [sa.ForeignKeyConstraint(["person_id"], ["persons.person_id"], name="fk_accounts_person_id")]


def _create_offices() -> None:
    """Agencies, officers and organisations."""
    _table(
        "agencies",
        _text("code"),
        _text("name"),
        _text("kind"),
        _text("parent", nullable=True),
        _text("valid_from", nullable=True),
        _text("valid_to", nullable=True),
        sa.PrimaryKeyConstraint("code", name="pk_agencies"),
    )
    _table(
        "officers",
        _text("account_id"),
        _text("officer_id"),
        _bytes("username"),
        sa.PrimaryKeyConstraint("account_id", name="pk_officers"),
        sa.UniqueConstraint("officer_id", name="uq_officers_officer_id"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"], name="fk_officers_account_id"),
    )
    _table(
        "officer_posts",
        _text("post_id"),
        _text("account_id"),
        _text("agency_code"),
        _bytes("position"),
        _text("roles"),
        _number("held_from"),
        _number("held_to", nullable=True),
        sa.PrimaryKeyConstraint("post_id", name="pk_officer_posts"),
        sa.ForeignKeyConstraint(["account_id"], ["officers.account_id"], name="fk_officer_posts_account_id"),
    )
    op.create_index("ix_officer_posts_agency_code", "officer_posts", ["agency_code"])
    op.create_index(
        "uq_officer_posts_current",
        "officer_posts",
        ["account_id"],
        unique=True,
        sqlite_where=sa.text("held_to IS NULL"),
        postgresql_where=sa.text("held_to IS NULL"),
    )
    _table(
        "organisations",
        _text("tax_code"),
        _text("name"),
        sa.PrimaryKeyConstraint("tax_code", name="pk_organisations"),
    )
    _table(
        "organisation_representatives",
        _text("tax_code"),
        _text("person_id"),
        sa.PrimaryKeyConstraint("tax_code", "person_id", name="pk_organisation_representatives"),
        sa.ForeignKeyConstraint(
            ["tax_code"], ["organisations.tax_code"], name="fk_organisation_representatives_tax_code"
        ),
        clustered=True,
    )
    op.create_index("ix_organisation_representatives_person_id", "organisation_representatives", ["person_id"])


def _create_clients() -> None:
    """Relying parties and protected resources."""
    _table(
        "clients",
        _text("client_id"),
        _bytes("document"),
        _number("wants_logout"),
        sa.PrimaryKeyConstraint("client_id", name="pk_clients"),
    )
    _table("resources", _text("audience"), _text("scopes"), sa.PrimaryKeyConstraint("audience", name="pk_resources"))
    _table(
        "versions",
        _text("name"),
        _number("version"),
        sa.PrimaryKeyConstraint("name", name="pk_versions"),
        clustered=True,
    )


def _create_grants() -> None:
    """What was authorized, and what ended."""
    _table(
        "grants",
        _text("grant_id"),
        _text("client_id", nullable=True),
        _text("account_id", nullable=True),
        _text("session_id", nullable=True),
        _number("created_at", nullable=True),
        _number("started_at", nullable=True),
        _number("expires_at"),
        _number("offline"),
        _bytes("family_hash", nullable=True),
        _bytes("turn_hash", nullable=True),
        _number("generation"),
        _number("revoked_at", nullable=True),
        _text("revocation_reason", nullable=True),
        _bytes("details", nullable=True),
        sa.PrimaryKeyConstraint("grant_id", name="pk_grants"),
        *_unique_family(),
        partitioned_by="grant_id",
    )
    op.create_index("ix_grants_account_id_client_id", "grants", ["account_id", "client_id"])
    _sweep_index("grants")
    op.create_index("ix_grants_session_id", "grants", ["session_id"])
    if _is_postgresql():
        op.create_index("uq_grants_default_family_hash", "grants_default", ["family_hash"], unique=True)
    _table(
        "ended_sessions",
        _text("session_id"),
        _number("expires_at"),
        sa.PrimaryKeyConstraint("session_id", name="pk_ended_sessions"),
        clustered=True,
        partitioned_by="session_id",
    )
    _sweep_index("ended_sessions")
    _table(
        "revoked_access_tokens",
        _text("token_id"),
        _number("expires_at"),
        sa.PrimaryKeyConstraint("token_id", name="pk_revoked_access_tokens"),
        clustered=True,
        partitioned_by="token_id",
    )
    _sweep_index("revoked_access_tokens")


def _unique_family() -> list[sa.schema.SchemaItem]:
    """A refresh family is unique within its partition, which its tokens name."""
    return [] if _is_postgresql() else [sa.UniqueConstraint("family_hash", name="uq_grants_family_hash")]


def _create_consents() -> None:
    """What people agreed to."""
    _table(
        "consents",
        _text("account_id"),
        _text("client_id"),
        _text("scopes"),
        _text("claims"),
        _number("given_at"),
        sa.PrimaryKeyConstraint("account_id", "client_id", name="pk_consents"),
        clustered=True,
    )
    _table(
        "consent_evidence",
        _text("evidence_id"),
        _text("account_id"),
        _text("client_id"),
        _number("at"),
        _text("decision"),
        _text("scopes"),
        _text("claims"),
        sa.PrimaryKeyConstraint("evidence_id", name="pk_consent_evidence"),
    )
    op.create_index(
        "ix_consent_evidence_account_id_client_id_at", "consent_evidence", ["account_id", "client_id", "at"]
    )


def _create_records() -> None:
    """The outbox, the audit chain, and how far imports came."""
    _table(
        "outbox",
        _text("message_id"),
        _text("kind"),
        _text("client_id"),
        _text("account_id"),
        _text("session_id"),
        _number("attempts"),
        _number("created_at"),
        _number("due_at"),
        sa.PrimaryKeyConstraint("message_id", name="pk_outbox"),
    )
    op.create_index("ix_outbox_due_at", "outbox", ["due_at"])
    _table(
        "audit_records",
        _text("stream"),
        _number("sequence"),
        _number("at_milliseconds"),
        _text("name"),
        _bytes("payload"),
        _bytes("previous"),
        _bytes("digest"),
        sa.PrimaryKeyConstraint(*_key_of_audit(), name="pk_audit_records"),
        clustered=True,
        partitioned_by="at_milliseconds",
    )
    _table(
        "import_marks",
        _text("source"),
        _number("line"),
        sa.PrimaryKeyConstraint("source", name="pk_import_marks"),
        clustered=True,
    )


def _key_of_audit() -> list[str]:
    """Whoever appends holds the lock of the chain, so that no sequence is given twice, whatever its month."""
    return ["stream", "sequence", *(["at_milliseconds"] if _is_postgresql() else [])]


def _create_short_lived() -> None:
    """Codes, sessions, attempts, replay marks, counters and throttles."""
    _table(
        "short_lived",
        _text("key"),
        _bytes("value", nullable=True),
        _text("tombstone", nullable=True),
        _number("number", nullable=True),
        _number("claimed_at", nullable=True),
        _number("expires_at"),
        sa.PrimaryKeyConstraint("key", name="pk_short_lived"),
    )
    op.create_index("ix_short_lived_expires_at", "short_lived", ["expires_at"])


def _create_pending_events() -> None:
    """Audit events that are durable and not chained yet; rows come and go all the time."""
    _table(
        "audit_pending",
        _text("batch"),
        _number("position"),
        _number("at_milliseconds"),
        _text("name"),
        _bytes("fields"),
        sa.PrimaryKeyConstraint("batch", "position", name="pk_audit_pending"),
    )


def _tune_storage() -> None:
    """Leave room for new versions on the pages of rows that change, and clean up after rows that come and go."""
    busy = "autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000, autovacuum_vacuum_cost_delay = 0"
    for table, parameters in (
        ("accounts", "fillfactor = 90, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02"),
        ("authenticators", "fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02"),
        ("grants_default", "fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05"),
        ("short_lived", f"fillfactor = 70, {busy}"),
        ("outbox", f"fillfactor = 70, {busy}"),
        ("audit_pending", busy),
    ):
        op.execute(f"ALTER TABLE {table} SET ({parameters})")
