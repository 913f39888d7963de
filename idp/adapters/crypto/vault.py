"""Personal data at rest: AES-256-GCM under data keys that are themselves sealed by a wrapping key of the keystore."""

import hmac
import secrets
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

import structlog

from idp.adapters.crypto.documents import Fingerprint
from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.crypto.keystore_watch import KeystoreWatch
from idp.adapters.crypto.long_lived_keys import BLIND_INDEX, WRAPPING_1, LongLivedKeys
from idp.adapters.crypto.sealing import Sealer, UnsealError
from idp.adapters.crypto.wrapping_keys import WrappingKeys, WrappingState
from idp.ports.clock import Clock
from idp.ports.vault import VaultError

_FIRST_VERSION: Final = 1
_WRAPPING_CONTEXT: Final = b"data-key"
_KEY_SIZE: Final = 32
_KEYS_AT_HAND: Final = 4096
"""Unwrapped data keys kept in memory, least recently used out first; about 2 MB."""


class _Ring(NamedTuple):
    """What one process holds of the wrapping keys at a time; never changed, only replaced."""

    sealers: Mapping[int, Sealer]
    current: int
    fingerprint: Fingerprint


class WrappingRing:
    """The wrapping keys at hand, followed as the keystore changes.

    The keystore is looked at when the clock's second changes, and at once for a version that is not known. While it
    cannot be read, the keys at hand stay in use.
    """

    def __init__(self, keys: WrappingKeys, clock: Clock) -> None:
        """Read the keys. Raises `KeyMaterialError`."""
        self._keys = keys
        self._watch = KeystoreWatch(clock)
        self._ring = self._read()

    def current(self) -> tuple[int, Sealer]:
        """Return the version that seals now."""
        self._look()
        ring = self._ring
        return ring.current, ring.sealers[ring.current]

    def find(self, version: int) -> Sealer | None:
        """Return a version; None for one that the keystore does not have."""
        self._look()
        if version not in self._ring.sealers:
            self._follow()
        return self._ring.sealers.get(version)

    def _look(self) -> None:
        if self._watch.is_due():
            self._follow()

    def _follow(self) -> None:
        try:
            if self._keys.fingerprint() != self._ring.fingerprint:
                self._ring = self._read()
        except KeyMaterialError as error:
            structlog.get_logger().warning("keystore.not_reread", reason=str(error))

    def _read(self) -> _Ring:
        # The fingerprint comes first: a change in between makes it differ at the next look.
        fingerprint = self._keys.fingerprint()
        keys = [key for key in self._keys.load() if key.state is not WrappingState.GONE]
        current = max((key.version for key in keys if key.state is WrappingState.WRAPPING), default=0)
        if not current:
            raise KeyMaterialError("the keystore has no wrapping key in use", "restore it from backup")
        return _Ring({key.version: Sealer(key.secret) for key in keys}, current, fingerprint)


class FixedWrapping:
    """One wrapping key that never changes, for a vault without a keystore behind it."""

    def __init__(self, key: bytes) -> None:
        self._sealer = Sealer(key)

    def current(self) -> tuple[int, Sealer]:
        """Return the key, which is version 1."""
        return _FIRST_VERSION, self._sealer

    def find(self, version: int) -> Sealer | None:
        """Return the key when it is asked for."""
        return self._sealer if version == _FIRST_VERSION else None


class KeystoreVault:
    """`Vault` over the long-lived keys of a keystore.

    A wrapped key is one byte that names the version of the wrapping key, then the data key sealed under it; the byte
    lets another wrapping key take over while values under the old one still open.
    """

    __slots__ = ("_data_key", "_index_key", "_wrapping")

    def __init__(
        self, keys: LongLivedKeys, wrapping: WrappingRing | None = None, keys_at_hand: int = _KEYS_AT_HAND
    ) -> None:
        """Without `wrapping`, the first wrapping key among the long-lived ones is the only one."""
        self._wrapping = wrapping or FixedWrapping(keys[WRAPPING_1])
        self._index_key = keys[BLIND_INDEX]
        self._data_key = lru_cache(maxsize=keys_at_hand)(self._unwrap)

    def new_key(self) -> bytes:
        return self._wrap(secrets.token_bytes(_KEY_SIZE))

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

    def rewrap(self, wrapped_key: bytes) -> bytes:
        """Return the same data key under the wrapping key in use. Raises `VaultError` when it does not open."""
        return self._wrap(self._open_data_key(wrapped_key))

    def wrapping_version(self) -> int:
        """Return the version of the wrapping key in use."""
        return self._wrapping.current()[0]

    def _wrap(self, data_key: bytes) -> bytes:
        version, sealer = self._wrapping.current()
        return bytes((version,)) + sealer.seal(_WRAPPING_CONTEXT, data_key)

    def _unwrap(self, wrapped_key: bytes) -> Sealer:
        return Sealer(self._open_data_key(wrapped_key))

    def _open_data_key(self, wrapped_key: bytes) -> bytes:
        wrapping = self._wrapping.find(wrapped_key[0]) if wrapped_key else None
        if wrapping is None:
            raise VaultError("the data key is wrapped by another keystore")
        try:
            return wrapping.unseal(_WRAPPING_CONTEXT, wrapped_key[1:])
        except UnsealError:
            raise VaultError("the data key does not open") from None
