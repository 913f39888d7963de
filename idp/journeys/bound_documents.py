"""Documents of journeys in the short-lived store: sealed, bound to the browser that began them, used up once."""

from hashlib import sha256
from hmac import compare_digest
from types import GenericAlias
from typing import Any, Generic, TypeVar

import msgspec

from idp.domain.ids import Seconds
from idp.domain.outcomes import Claimed
from idp.domain.values import dataclass
from idp.journeys.attempt import browser_hash
from idp.ports.clock import Clock, Entropy
from idp.ports.short_lived import ShortLivedStore
from idp.ports.vault import Vault

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Held(Generic[T]):
    """A document as it stands in the store; `stored` is what a conditional change compares with, `key` its data key."""

    document_id: str
    document: T
    stored: bytes
    key: bytes


class DocumentGoneError(Exception):
    """The document is unknown here, over, used up, or was changed by another request: one answer for all."""


class BoundDocuments(Generic[T]):
    """Documents of one `kind`, which live for `lifetime` seconds from their beginning on."""

    def __init__(
        self,
        kind: str,
        form: type[T],
        lifetime: int,
        *,
        store: ShortLivedStore,
        vault: Vault,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._kind = kind
        self._decoder: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(
            GenericAlias(tuple, (bytes, Seconds, form))
        )
        self._lifetime = lifetime
        self._store = store
        self._vault = vault
        self._clock = clock
        self._entropy = entropy

    def new_identifier(self) -> str:
        """Return an identifier that cannot be guessed."""
        return self._entropy.token(16)

    async def begin(self, document_id: str, document: T, browser_token: str) -> Held[T]:
        """Store a new document for the browser that shows `browser_token`."""
        ends = Seconds(self._clock.now() + self._lifetime)
        key = self._vault.new_key()
        stored = self._seal(document_id, key, (browser_hash(browser_token), ends, document))
        await self._store.put(self._place(document_id), stored, ends)
        return Held(document_id, document, stored, key)

    async def load(self, document_id: str, browser_token: str) -> Held[T]:
        """Return the document while it lives. Raises `DocumentGoneError`, also for another browser."""
        stored = await self._store.get(self._place(document_id), self._clock.now())
        if stored is None:
            raise DocumentGoneError
        key, (browser, _, document) = self._open(document_id, stored)
        if not compare_digest(browser, browser_hash(browser_token)):
            raise DocumentGoneError
        return Held(document_id, document, stored, key)

    async def change(self, held: Held[T], document: T) -> Held[T]:
        """Put a document in the place of what was read. Raises `DocumentGoneError` when somebody was faster."""
        _, (browser, ends, _) = self._open(held.document_id, held.stored)
        stored = self._seal(held.document_id, held.key, (browser, ends, document))
        if not await self._store.replace(self._place(held.document_id), held.stored, stored, ends):
            raise DocumentGoneError
        return Held(held.document_id, document, stored, held.key)

    async def claim(self, held: Held[T]) -> None:
        """Use the document up: of any number of callers one goes on. Raises `DocumentGoneError` for the others."""
        now = self._clock.now()
        keep_until = Seconds(now + self._lifetime)
        claimed = await self._store.claim(self._place(held.document_id), now, keep_until=keep_until)
        if not isinstance(claimed, Claimed):
            raise DocumentGoneError

    def _place(self, document_id: str) -> str:
        return f"{self._kind}:{sha256(document_id.encode(errors='surrogatepass')).hexdigest()}"

    def _seal(self, document_id: str, key: bytes, content: tuple[bytes, Seconds, T]) -> bytes:
        sealed = self._vault.seal(key, self._place(document_id), msgspec.msgpack.encode(content))
        return msgspec.msgpack.encode((key, sealed))

    def _open(self, document_id: str, stored: bytes) -> tuple[bytes, tuple[bytes, Seconds, T]]:
        key, sealed = msgspec.msgpack.decode(stored, type=tuple[bytes, bytes])
        content: tuple[bytes, Seconds, T] = self._decoder.decode(
            self._vault.open(key, self._place(document_id), sealed)
        )
        return key, content
