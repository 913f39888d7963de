"""Tables of what people sign in with besides a password and their first one-time codes (`tables.authenticators`)."""

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, Table, Text
from sqlalchemy import UniqueConstraint as Unique

from idp.adapters.sql.tables.main import Number, metadata

passkeys = Table(
    "passkeys",
    metadata,
    Column("passkey_id", Text, primary_key=True),
    Column("account_id", Text, ForeignKey("accounts.account_id"), nullable=False),
    # What the authenticator calls it: at most 1,023 bytes (WebAuthn section 4), so it is found by its SHA-256.
    Column("credential_hash", LargeBinary, nullable=False),
    Column("credential_id", LargeBinary, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", Number, nullable=False),
    Column("aaguid", Text, nullable=False),
    Column("transports", Text, nullable=False),
    Column("backup_eligible", Number, nullable=False),
    Column("backed_up", Number, nullable=False),
    # What the authenticator's maker calls the model whose attestation was verified; none was, where it is null.
    Column("attested_as", Text),
    # Sealed under the person's erasable key: people write names of people and places.
    Column("name", LargeBinary, nullable=False),
    Column("created_at", Number, nullable=False),
    Column("last_used_at", Number),
    Unique("credential_hash"),
    Index(None, "account_id", "passkey_id"),
    sqlite_strict=True,
)

# One-time-code devices beyond the first, which stays in `authenticators`: there the release before allows one.
totp_devices = Table(
    "totp_devices",
    metadata,
    Column("device_id", Text, primary_key=True),
    Column("account_id", Text, ForeignKey("accounts.account_id"), nullable=False),
    Column("secret", LargeBinary, nullable=False),
    Column("name", LargeBinary),
    Column("last_step", Number, nullable=False),
    Column("created_at", Number, nullable=False),
    Column("last_used_at", Number),
    Index(None, "account_id", "device_id"),
    sqlite_strict=True,
)

account_certificates = Table(
    "account_certificates",
    metadata,
    # SHA-256 of the whole certificate: one certificate is one account's.
    Column("thumbprint", LargeBinary, primary_key=True),
    Column("certificate_id", Text, nullable=False),
    Column("account_id", Text, ForeignKey("accounts.account_id"), nullable=False),
    # Subject, issuer and the person's own name for it, sealed under the erasable key.
    Column("facts", LargeBinary, nullable=False),
    Column("not_after", Number, nullable=False),
    Column("created_at", Number, nullable=False),
    Column("last_used_at", Number),
    Unique("certificate_id"),
    Index(None, "account_id", "certificate_id"),
    sqlite_strict=True,
)
