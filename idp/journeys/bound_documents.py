"""Documents of journeys in the short-lived store: sealed, bound to the browser that began them, used up once."""

from hashlib import sha256
from hmac import compare_digest
from types import GenericAlias
from typing import Generic, TypeVar, cast

from idp.domain.ids import Seconds
from idp.domain.values import dataclass
from idp.journeys.attempt import browser_hash
from idp.journeys.sealed_documents import Sealed, SealedDocuments
from idp.ports.clock import Clock, Entropy
from idp.ports.short_lived import ShortLivedStore
from idp.ports.vault import Vault

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Held(Generic[T]):
    """A document, and how it stands in the store: beside the hash of its browser's cookie, and the end of its life."""

    document_id: str
    document: T
    sealed: Sealed[tuple[bytes, Seconds, T]]


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
        bound = cast("type[tuple[bytes, Seconds, T]]", GenericAlias(tuple, (bytes, Seconds, form)))
        self._documents = SealedDocuments(bound, store, vault)
        self._lifetime = lifetime
        self._clock = clock
        self._entropy = entropy

    def new_identifier(self) -> str:
        """Return an identifier that cannot be guessed."""
        return self._entropy.token(16)

    async def begin(self, document_id: str, document: T, browser_token: str) -> Held[T]:
        """Store a new document for the browser that shows `browser_token`."""
        ends = Seconds(self._clock.now() + self._lifetime)
        bound = (browser_hash(browser_token), ends, document)
        return Held(document_id, document, await self._documents.put(self._place(document_id), bound, ends))

    async def load(self, document_id: str, browser_token: str) -> Held[T]:
        """Return the document while it lives. Raises `DocumentGoneError`, also for another browser."""
        sealed = await self._documents.get(self._place(document_id), self._clock.now())
        if sealed is None:
            raise DocumentGoneError
        browser, _, document = sealed.document
        if not compare_digest(browser, browser_hash(browser_token)):
            raise DocumentGoneError
        return Held(document_id, document, sealed)

    async def change(self, held: Held[T], document: T) -> Held[T]:
        """Put a document in the place of what was read. Raises `DocumentGoneError` when somebody was faster."""
        browser, ends, _ = held.sealed.document
        sealed = await self._documents.replace(held.sealed, (browser, ends, document), ends)
        if sealed is None:
            raise DocumentGoneError
        return Held(held.document_id, document, sealed)

    async def claim(self, held: Held[T]) -> None:
        """Use the document up: of any number of callers one goes on. Raises `DocumentGoneError` for the others."""
        now = self._clock.now()
        if not await self._documents.use_up(held.sealed.place, now, keep_until=Seconds(now + self._lifetime)):
            raise DocumentGoneError

    def _place(self, document_id: str) -> str:
        return f"{self._kind}:{sha256(document_id.encode(errors='surrogatepass')).hexdigest()}"
