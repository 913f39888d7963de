"""From where accounts were signed in to, alerts to their owners and their delivery, and changes of contacts.

Only adds tables: code of revision 0002 knows nothing of them, and goes on working on this schema.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

OLDEST_CODE = "0002"


def upgrade() -> None:
    """Add the tables."""
    _past_sign_ins()
    _security_alerts()
    _alert_messages()
    _contact_changes()
    op.execute(sa.text("UPDATE schema_support SET oldest_revision = :code").bindparams(code=OLDEST_CODE))


def _past_sign_ins() -> None:
    op.create_table(
        "past_sign_ins",
        _text("sign_in_id"),
        _text("account_id"),
        _text("device"),
        _text("network"),
        sa.Column("place", sa.LargeBinary()),
        _number("at"),
        _number("expires_at"),
        sa.PrimaryKeyConstraint("sign_in_id", name="pk_past_sign_ins"),
        sa.UniqueConstraint("account_id", "device", "network", name="uq_past_sign_ins_account_id_device_network"),
        sqlite_strict=True,
    )
    op.create_index("ix_past_sign_ins_expires_at", "past_sign_ins", ["expires_at"])


def _security_alerts() -> None:
    op.create_table(
        "security_alerts",
        _text("alert_id"),
        _text("account_id"),
        _text("kind"),
        _number("at"),
        _text("place", nullable=True),
        _text("reference", nullable=True),
        _number("seen_at", nullable=True),
        _number("expires_at"),
        sa.PrimaryKeyConstraint("alert_id", name="pk_security_alerts"),
        sqlite_strict=True,
    )
    op.create_index("ix_security_alerts_account_id_alert_id", "security_alerts", ["account_id", "alert_id"])
    op.create_index("ix_security_alerts_expires_at", "security_alerts", ["expires_at"])


def _alert_messages() -> None:
    op.create_table(
        "alert_messages",
        _text("message_id"),
        _text("alert_id"),
        _text("account_id"),
        _text("channel"),
        sa.Column("address", sa.LargeBinary()),
        _number("attempts"),
        _number("created_at"),
        _number("due_at"),
        sa.PrimaryKeyConstraint("message_id", name="pk_alert_messages"),
        sqlite_strict=True,
    )
    op.create_index("ix_alert_messages_due_at", "alert_messages", ["due_at"])
    op.create_index("ix_alert_messages_account_id", "alert_messages", ["account_id"])


def _contact_changes() -> None:
    op.create_table(
        "contact_changes",
        _text("change_id"),
        _text("account_id"),
        _text("kind"),
        sa.Column("former", sa.LargeBinary()),
        _number("changed_at"),
        _number("held_until"),
        _number("undone_at", nullable=True),
        _number("expires_at"),
        sa.PrimaryKeyConstraint("change_id", name="pk_contact_changes"),
        sqlite_strict=True,
    )
    op.create_index("ix_contact_changes_account_id_change_id", "contact_changes", ["account_id", "change_id"])
    op.create_index("ix_contact_changes_expires_at", "contact_changes", ["expires_at"])


def _text(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=nullable)
