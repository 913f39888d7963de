"""Requests in the short-lived store: found by the attempt that made them, by the picture, and by who opened them.

The picture carries 256 random bits, of which only the hash is a key. What lies under it is sealed: it tells where
somebody is. The attempt keeps the bits themselves, sealed, to show the same picture again.
"""

from hashlib import sha256
from typing import Final, NewType

from idp.domain.authenticators.phone_sign_in import PhoneRequest
from idp.domain.ids import AccountId, Seconds
from idp.domain.values import dataclass
from idp.journeys.sealed_documents import Sealed, SealedDocuments, seal, unseal
from idp.ports.short_lived import ShortLivedStore
from idp.ports.vault import Vault

KEPT_AFTER: Final = 600
"""Seconds for which a request that is over is still told from one that never was."""

Reference = NewType("Reference", str)
"""Where a request lies: made of the hash of what the picture carries."""


@dataclass(frozen=True, slots=True)
class LoadedRequest:
    """A request, and how it stands in the store."""

    reference: Reference
    request: PhoneRequest
    sealed: Sealed[PhoneRequest]


class PhoneRequests:
    """Begins, finds, changes and claims requests."""

    def __init__(self, store: ShortLivedStore, vault: Vault) -> None:
        self._documents = SealedDocuments(PhoneRequest, store, vault)
        self._store = store
        self._vault = vault

    async def begin(self, attempt_id: str, carried: str, request: PhoneRequest) -> None:
        """Store a new request of an attempt, in place of an earlier one; `carried` is what the picture carries."""
        stored = await self._documents.put(reference_of(carried), request, _kept_until(request))
        pointer = _of_attempt(attempt_id)
        await self._store.put(pointer, seal(self._vault, stored.key, pointer, carried.encode()), _kept_until(request))

    async def carried_by(self, attempt_id: str, now: Seconds) -> str | None:
        """What the picture of an attempt carries, if it showed one lately."""
        pointer = _of_attempt(attempt_id)
        stored = await self._store.get(pointer, now)
        return None if stored is None else unseal(self._vault, pointer, stored)[1].decode()

    async def find(self, reference: Reference, now: Seconds) -> LoadedRequest | None:
        """The request, one that is over included; None when it was used, or never was."""
        sealed = await self._documents.get(reference, now)
        return None if sealed is None else LoadedRequest(reference, sealed.document, sealed)

    async def replace(self, loaded: LoadedRequest, changed: PhoneRequest) -> bool:
        """Store `changed` in place of what was loaded; False when somebody else changed it meanwhile."""
        return await self._documents.replace(loaded.sealed, changed, _kept_until(changed)) is not None

    async def begin_answer(self, loaded: LoadedRequest, now: Seconds) -> bool:
        """Whether the caller is the one that answers; exactly one of any number of concurrent callers is."""
        return await self._store.increment(f"answered:{loaded.reference}", now, _kept_until(loaded.request)) == 1

    async def claim(self, reference: Reference, now: Seconds) -> PhoneRequest | None:
        """Take the request for good: exactly one of any number of concurrent callers gets it."""
        claimed = await self._documents.claim(reference, now, keep_until=Seconds(now + KEPT_AFTER))
        return claimed if isinstance(claimed, PhoneRequest) else None

    async def wait_for(self, account_id: AccountId, reference: Reference, request: PhoneRequest, now: Seconds) -> None:
        """Let an opened request wait for its person under its own name, whatever else waits.

        The one that was opened first is the one that is told of (`waiting_for`): no other takes its place.
        """
        names = [_of_approval(account_id, request.approval_id)]
        if await self.waiting_for(account_id, now) is None:
            names.append(_of_account(account_id))
        for name in names:
            await self._store.put(name, reference.encode(), request.expires_at)

    async def waiting_for(self, account_id: AccountId, now: Seconds) -> LoadedRequest | None:
        """The open request that waits for a person; of several the one that was opened first."""
        return await self._waiting(_of_account(account_id), account_id, now)

    async def waiting_as(self, account_id: AccountId, approval_id: str, now: Seconds) -> LoadedRequest | None:
        """The open request of this name that waits for a person."""
        return await self._waiting(_of_approval(account_id, approval_id), account_id, now)

    async def _waiting(self, name: str, account_id: AccountId, now: Seconds) -> LoadedRequest | None:
        reference = await self._store.get(name, now)
        loaded = await self.find(Reference(reference.decode()), now) if reference else None
        if loaded is None or loaded.request.opened_by != account_id or not loaded.request.is_open(now):
            return None
        return loaded


def reference_of(carried: str) -> Reference:
    """Where the request of a picture lies."""
    return Reference(f"phone-request:{sha256(carried.encode()).hexdigest()}")


def _of_attempt(attempt_id: str) -> str:
    return f"phone-picture:{sha256(attempt_id.encode()).hexdigest()}"


def _of_account(account_id: AccountId) -> str:
    return f"phone-waiting:{account_id}"


def _of_approval(account_id: AccountId, approval_id: str) -> str:
    return f"phone-approval:{sha256(f'{account_id} {approval_id}'.encode()).hexdigest()}"


def _kept_until(request: PhoneRequest) -> Seconds:
    return Seconds(request.expires_at + KEPT_AFTER)
