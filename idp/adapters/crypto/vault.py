"""Personal data at rest: AES-256-GCM under data keys that are themselves sealed by a wrapping key of the keystore."""

import hmac
import secrets
from functools import lru_cache
from typing import Final

from idp.adapters.crypto.long_lived_keys import BLIND_INDEX, WRAPPING_1, LongLivedKeys
from idp.adapters.crypto.sealing import Sealer, UnsealError
from idp.ports.vault import VaultError

_WRAPPING_VERSION: Final = b"\x01"
_WRAPPING_CONTEXT: Final = b"data-key"
_KEY_SIZE: Final = 32
_KEYS_AT_HAND: Final = 4096
"""Unwrapped data keys kept in memory, least recently used out first; about 2 MB."""


class KeystoreVault:
    """`Vault` over the long-lived keys of a keystore.

    A wrapped key is one byte that names the wrapping key, then the data key sealed under it; the name lets another
    wrapping key take over while values under the old one still open.
    """

    __slots__ = ("_data_key", "_index_key", "_wrapping")

    def __init__(self, keys: LongLivedKeys, keys_at_hand: int = _KEYS_AT_HAND) -> None:
        self._wrapping = {_WRAPPING_VERSION: Sealer(keys[WRAPPING_1])}
        self._index_key = keys[BLIND_INDEX]
        self._data_key = lru_cache(maxsize=keys_at_hand)(self._unwrap)

    def new_key(self) -> bytes:
        data_key = secrets.token_bytes(_KEY_SIZE)
        return _WRAPPING_VERSION + self._wrapping[_WRAPPING_VERSION].seal(_WRAPPING_CONTEXT, data_key)

    def seal(self, wrapped_key: bytes, context: str, plaintext: bytes) -> bytes:
        """Raises `VaultError` when the wrapped key does not open."""
        return self._data_key(wrapped_key).seal(context.encode(), plaintext)

    def open(self, wrapped_key: bytes, context: str, sealed: bytes) -> bytes:
        try:
            return self._data_key(wrapped_key).unseal(context.encode(), sealed)
        except UnsealError:
            raise VaultError("the value does not open") from None

    def blind_index(self, kind: str, value: str) -> bytes:
        return hmac.digest(self._index_key, f"{len(kind)}:{kind}:{value}".encode(errors="surrogatepass"), "sha256")

    def _unwrap(self, wrapped_key: bytes) -> Sealer:
        wrapping = self._wrapping.get(wrapped_key[:1])
        if wrapping is None:
            raise VaultError("the data key is wrapped by another keystore")
        try:
            return Sealer(wrapping.unseal(_WRAPPING_CONTEXT, wrapped_key[1:]))
        except UnsealError:
            raise VaultError("the data key does not open") from None
