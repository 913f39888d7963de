"""Documents in the short-lived store that only this provider reads: each is sealed under a data key kept beside it.

The place in the store (`kind:hash`) is authenticated with the content: what is moved to another place does not open.
"""

from typing import Generic, TypeVar

import msgspec

from idp.domain.ids import Seconds
from idp.domain.outcomes import AlreadyUsed, Claimed, Unknown
from idp.domain.values import dataclass
from idp.ports.short_lived import ShortLivedStore
from idp.ports.vault import Vault

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sealed(Generic[T]):
    """A document as it stands in the store; `stored` is what a conditional change compares with, `key` its data key."""

    place: str
    document: T
    stored: bytes
    key: bytes


class SealedDocuments(Generic[T]):
    """Documents of one `form`. Every method is one call of the store; reading raises `VaultError` after tampering."""

    def __init__(self, form: type[T], store: ShortLivedStore, vault: Vault) -> None:
        self._decoder = msgspec.msgpack.Decoder(form)
        self._store = store
        self._vault = vault

    async def put(self, place: str, document: T, expires_at: Seconds, *, tombstone: str = "") -> Sealed[T]:
        """Store a document under a fresh key; `tombstone` is what a second claim is told."""
        key = self._vault.new_key()
        stored = seal(self._vault, key, place, msgspec.msgpack.encode(document))
        await self._store.put(place, stored, expires_at, tombstone=tombstone)
        return Sealed(place, document, stored, key)

    async def get(self, place: str, now: Seconds) -> Sealed[T] | None:
        """Return what lives there; None when it was claimed, expired, or never was."""
        stored = await self._store.get(place, now)
        if stored is None:
            return None
        key, content = unseal(self._vault, place, stored)
        return Sealed(place, self._decoder.decode(content), stored, key)

    async def replace(self, sealed: Sealed[T], document: T, expires_at: Seconds) -> Sealed[T] | None:
        """Store a document in place of what was read; None when somebody else changed that meanwhile."""
        stored = seal(self._vault, sealed.key, sealed.place, msgspec.msgpack.encode(document))
        if not await self._store.replace(sealed.place, sealed.stored, stored, expires_at):
            return None
        return Sealed(sealed.place, document, stored, sealed.key)

    async def claim(self, place: str, now: Seconds, *, keep_until: Seconds) -> T | AlreadyUsed | Unknown:
        """Take the document for good: exactly one of any number of concurrent callers gets it."""
        outcome = await self._store.claim(place, now, keep_until=keep_until)
        if isinstance(outcome, Claimed):
            return self._decoder.decode(unseal(self._vault, place, outcome.value)[1])
        return outcome

    async def use_up(self, place: str, now: Seconds, *, keep_until: Seconds) -> bool:
        """Whether the caller is the one that takes the document for good; it is not read."""
        return isinstance(await self._store.claim(place, now, keep_until=keep_until), Claimed)


def seal(vault: Vault, key: bytes, place: str, content: bytes) -> bytes:
    """Return what is stored at `place`: the wrapped data key, and the content sealed under it."""
    return msgspec.msgpack.encode((key, vault.seal(key, place, content)))


def unseal(vault: Vault, place: str, stored: bytes) -> tuple[bytes, bytes]:
    """Return the data key and the content of what `seal` made. Raises `VaultError` for what was made elsewhere."""
    key, sealed = msgspec.msgpack.decode(stored, type=tuple[bytes, bytes])
    return key, vault.open(key, place, sealed)
