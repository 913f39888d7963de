"""RFC 8628 section 3.2 and OpenID Connect CIBA Core section 7.3: requests in the short-lived store, redeemed once.

What a client redeems is a handle of 256 random bits (`device_code`, `auth_req_id`), of which only the hash is a key.
What lies under it is sealed: it says who was asked what.
"""

from hashlib import sha256
from typing import Final, NewType

from idp.domain.ids import GrantId, Seconds
from idp.domain.outcomes import AlreadyUsed, Unknown
from idp.domain.values import dataclass
from idp.journeys.sealed_documents import Sealed, SealedDocuments
from idp.ports.short_lived import ShortLivedStore
from idp.ports.vault import Vault
from idp.protocol.decoupled.request import DecoupledRequest, Kind
from idp.protocol.tokens.authorization_code import Replayed

KEPT_AFTER: Final = 600
"""Seconds for which a request that is over is still told from one that never was."""

TOMBSTONE_LIFETIME: Final = 3600
"""Seconds for which a second redemption is recognised."""

Reference = NewType("Reference", str)
"""Where a request lies: its kind and the hash of its handle. Whoever knows it cannot redeem anything."""


@dataclass(frozen=True, slots=True)
class LoadedRequest:
    """A request, and how it stands in the store."""

    reference: Reference
    request: DecoupledRequest
    sealed: Sealed[DecoupledRequest]


class DecoupledRequests:
    """Begins, finds, decides, changes and claims requests."""

    def __init__(self, store: ShortLivedStore, vault: Vault) -> None:
        self._documents = SealedDocuments(DecoupledRequest, store, vault)
        self._store = store

    async def begin(self, handle: str, request: DecoupledRequest) -> Reference:
        """Store a new request under its handle."""
        reference = reference_of(request.kind, handle)
        await self._documents.put(reference, request, _kept_until(request), tombstone=request.grant_id)
        return reference

    async def find(self, reference: Reference, now: Seconds) -> LoadedRequest | None:
        """The request, one that is over included; None when it was redeemed, or never was."""
        sealed = await self._documents.get(reference, now)
        return None if sealed is None else LoadedRequest(reference, sealed.document, sealed)

    async def replace(self, loaded: LoadedRequest, changed: DecoupledRequest) -> bool:
        """Store `changed` in place of what was loaded; False when somebody else changed it meanwhile."""
        return await self._documents.replace(loaded.sealed, changed, _kept_until(changed)) is not None

    async def begin_decision(self, loaded: LoadedRequest, now: Seconds) -> bool:
        """Whether the caller is the one that decides; exactly one of any number of concurrent callers is."""
        return await self._store.increment(_decided(loaded.reference), now, _kept_until(loaded.request)) == 1

    async def abandon_decision(self, reference: Reference) -> None:
        """Let somebody else decide."""
        await self._store.delete(_decided(reference))

    async def claim(self, reference: Reference, now: Seconds) -> DecoupledRequest | Replayed | None:
        """Take the request for good: exactly one of any number of concurrent callers gets it."""
        claimed = await self._documents.claim(reference, now, keep_until=Seconds(now + TOMBSTONE_LIFETIME))
        if isinstance(claimed, AlreadyUsed):
            return Replayed(GrantId(claimed.tombstone))
        return None if isinstance(claimed, Unknown) else claimed


def reference_of(kind: Kind, handle: str) -> Reference:
    """Where the request of a handle lies."""
    return Reference(f"{kind}:{sha256(handle.encode()).hexdigest()}")


def _decided(reference: Reference) -> str:
    return f"decided:{reference}"


def _kept_until(request: DecoupledRequest) -> Seconds:
    return Seconds(request.expires_at + KEPT_AFTER)
