"""Authenticated encryption of small values at rest (AES-256-GCM, NIST SP 800-38D)."""

import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION: Final = b"\x01"
_NONCE_SIZE: Final = 12
_TAG_SIZE: Final = 16


class UnsealError(Exception):
    """Another key, another context, or a changed value."""


class Sealer:
    """Seals under one 256-bit key. Format: version byte, 12-byte nonce, ciphertext with tag."""

    __slots__ = ("_cipher",)

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, context: bytes, plaintext: bytes) -> bytes:
        """Return `plaintext` encrypted; `context` is authenticated and not kept."""
        nonce = os.urandom(_NONCE_SIZE)
        return _VERSION + nonce + self._cipher.encrypt(nonce, plaintext, context)

    def unseal(self, context: bytes, sealed: bytes) -> bytes:
        """Return what was sealed. Raises `UnsealError` when key, context or value are not the same."""
        if sealed[:1] != _VERSION or len(sealed) < 1 + _NONCE_SIZE + _TAG_SIZE:
            raise UnsealError
        try:
            return self._cipher.decrypt(sealed[1 : 1 + _NONCE_SIZE], sealed[1 + _NONCE_SIZE :], context)
        except InvalidTag:
            raise UnsealError from None
