"""Encryption of personal data at rest: one data key per person and purpose, wrapped by the keystore."""

from typing import Protocol


class Vault(Protocol):
    """AES-256-GCM under per-person keys; look-ups go through keyed blind indexes."""

    def new_key(self) -> bytes:
        """A fresh data key, already wrapped: this is what is stored beside the row. Destroying it erases the data."""
        ...

    def seal(self, wrapped_key: bytes, context: str, plaintext: bytes) -> bytes:
        """Encrypt; `context` (table, column, row) is authenticated. The result carries a version."""
        ...

    def open(self, wrapped_key: bytes, context: str, sealed: bytes) -> bytes:
        """Decrypt. Raises `VaultError` when key, context or data were changed."""
        ...

    def blind_index(self, kind: str, value: str) -> bytes:
        """32 bytes that stand for `value` in a unique index; without the key nobody can tell what it was."""
        ...


class VaultError(Exception):
    """Data that does not open: another key, another row, or tampering."""
