"""Passkeys, further one-time-code devices, and certificates of accounts.

Only adds tables: code of revision 0002 knows nothing of them, and goes on working on this schema.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

OLDEST_CODE = "0002"


def upgrade() -> None:
    """Add the tables."""
    _passkeys()
    _totp_devices()
    _account_certificates()
    op.execute(sa.text("UPDATE schema_support SET oldest_revision = :code").bindparams(code=OLDEST_CODE))


def _passkeys() -> None:
    op.create_table(
        "passkeys",
        _text("passkey_id"),
        _text("account_id"),
        _bytes("credential_hash"),
        _bytes("credential_id"),
        _bytes("public_key"),
        _number("sign_count"),
        _text("aaguid"),
        _text("transports"),
        _number("backup_eligible"),
        _number("backed_up"),
        _text("attested_as", nullable=True),
        _bytes("name"),
        _number("created_at"),
        _number("last_used_at", nullable=True),
        sa.PrimaryKeyConstraint("passkey_id", name="pk_passkeys"),
        sa.UniqueConstraint("credential_hash", name="uq_passkeys_credential_hash"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"], name="fk_passkeys_account_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_passkeys_account_id_passkey_id", "passkeys", ["account_id", "passkey_id"])


def _totp_devices() -> None:
    op.create_table(
        "totp_devices",
        _text("device_id"),
        _text("account_id"),
        _bytes("secret"),
        _bytes("name", nullable=True),
        _number("last_step"),
        _number("created_at"),
        _number("last_used_at", nullable=True),
        sa.PrimaryKeyConstraint("device_id", name="pk_totp_devices"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"], name="fk_totp_devices_account_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_totp_devices_account_id_device_id", "totp_devices", ["account_id", "device_id"])


def _account_certificates() -> None:
    op.create_table(
        "account_certificates",
        _bytes("thumbprint"),
        _text("certificate_id"),
        _text("account_id"),
        _bytes("facts"),
        _number("not_after"),
        _number("created_at"),
        _number("last_used_at", nullable=True),
        sa.PrimaryKeyConstraint("thumbprint", name="pk_account_certificates"),
        sa.UniqueConstraint("certificate_id", name="uq_account_certificates_certificate_id"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"], name="fk_account_certificates_account_id"),
        sqlite_strict=True,
    )
    columns = ["account_id", "certificate_id"]
    op.create_index("ix_account_certificates_account_id_certificate_id", "account_certificates", columns)


def _text(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=nullable)


def _bytes(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.LargeBinary(), nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=nullable)
