"""RFC 9126 sections 2.2 and 4: authorization requests kept here between being sent and being opened by a browser.

Pushed ones are named by a `request_uri`, and are spent when they are answered, by a code or an error: until then a
person may open the link again. Posted ones (OpenID Connect Core section 3.1.2.1) only bridge the redirect that brings
the session's cookies. Both are kept sealed, because a request may carry personal data.
"""

from hashlib import sha256
from typing import Final

from idp.domain.ids import ClientId, Seconds
from idp.domain.values import dataclass
from idp.journeys.attempt import LIFETIME as ATTEMPT_LIFETIME
from idp.journeys.sealed_documents import SealedDocuments
from idp.ports.clock import Clock, Entropy
from idp.ports.short_lived import ShortLivedStore
from idp.ports.vault import Vault
from idp.protocol.authorize.parameters import Pairs, RequestParameters
from idp.protocol.errors import InvalidRequestUriError

URN: Final = "urn:ietf:params:oauth:request_uri:"
"""RFC 9126 section 2.2 suggests this form; what follows are 256 random bits."""

LIFETIME: Final = 60
"""Seconds in which a pushed request must be opened. Section 2.2: "The request_uri lifetime is at the discretion of the
authorization server but will typically be relatively short (e.g., between 5 and 600 seconds)." A minute is enough for a
redirect over a slow mobile line, and leaves little to somebody who finds the address in a history. The person may take
longer than that to sign in: what is open already stays good for the whole attempt.
"""

POSTED_LIFETIME: Final = 60
"""Seconds for one redirect."""

TOMBSTONE_LIFETIME: Final = 600
"""Seconds for which an answered request is known as such; afterwards it is unknown, and refused all the same."""


@dataclass(frozen=True, slots=True)
class _Stored:
    client_id: ClientId
    parameters: Pairs
    expires_at: Seconds


class StoredRequests:
    """Requests in the short-lived store."""

    def __init__(self, store: ShortLivedStore, vault: Vault, clock: Clock, entropy: Entropy) -> None:
        self._documents = SealedDocuments(_Stored, store, vault)
        self._clock = clock
        self._entropy = entropy

    async def push(self, client_id: ClientId, parameters: RequestParameters) -> str:
        """Keep a checked request of this client's; its `request_uri`, good for `LIFETIME` seconds."""
        secret = self._entropy.token()
        expires_at = Seconds(self._clock.now() + LIFETIME)
        stored = _Stored(client_id, parameters.pairs, expires_at)
        # It outlives its time to be opened: an attempt that began in time still has to spend it.
        await self._documents.put(_pushed(secret), stored, Seconds(expires_at + ATTEMPT_LIFETIME))
        return URN + secret

    async def open(self, request_uri: str, client_id: str) -> RequestParameters:
        """The request, however often until it is spent. Raises `InvalidRequestUriError`."""
        sealed = await self._documents.get(_pushed(request_uri.removeprefix(URN)), self._clock.now())
        stored = None if sealed is None else sealed.document
        if stored is None or self._clock.now() >= stored.expires_at:
            raise InvalidRequestUriError(reason="unknown, expired or spent")
        # RFC 9126 section 2.2: "The authorization server MUST bind the request URI to the client that posted the
        # authorization request."
        if stored.client_id != client_id:
            raise InvalidRequestUriError(reason="another client's request")
        opened = RequestParameters.of_pairs(stored.parameters)
        return RequestParameters(opened.values, opened.resources, request_uri)

    async def spend(self, request_uri: str) -> None:
        """Take the request for good. Raises `InvalidRequestUriError` when it was answered before.

        RFC 9126 section 4: "the authorization server SHOULD treat request_uri values as one-time use".
        """
        now = self._clock.now()
        key = _pushed(request_uri.removeprefix(URN))
        if not await self._documents.use_up(key, now, keep_until=Seconds(now + TOMBSTONE_LIFETIME)):
            raise InvalidRequestUriError(reason="answered before")

    async def keep_posted(self, pairs: Pairs) -> str:
        """Keep an unchecked request over one redirect; the name that it is taken by."""
        secret = self._entropy.token()
        expires_at = Seconds(self._clock.now() + POSTED_LIFETIME)
        await self._documents.put(_posted(secret), _Stored(ClientId(""), pairs, expires_at), expires_at)
        return secret

    async def take_posted(self, name: str) -> Pairs | None:
        """The request that was posted, once; None when it was taken, expired or never there."""
        now = self._clock.now()
        claimed = await self._documents.claim(_posted(name), now, keep_until=Seconds(now + POSTED_LIFETIME))
        return claimed.parameters if isinstance(claimed, _Stored) else None


def _pushed(secret: str) -> str:
    return f"pushed:{sha256(secret.encode()).hexdigest()}"


def _posted(secret: str) -> str:
    return f"posted:{sha256(secret.encode()).hexdigest()}"
