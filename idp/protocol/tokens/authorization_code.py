"""RFC 6749 section 4.1.2: authorization codes, kept as hashes in the short-lived store and claimed exactly once."""

from dataclasses import replace
from hashlib import sha256

import msgspec

from idp.domain.grants.grant import Grant
from idp.domain.ids import GrantId, Seconds
from idp.domain.outcomes import AlreadyUsed, Claimed
from idp.domain.values import dataclass
from idp.ports.clock import Entropy
from idp.ports.keys import SubjectKeys
from idp.ports.short_lived import ShortLivedStore
from idp.protocol.claims.kept_claims import with_kept_claims

LIFETIME = 60
"""Seconds. RFC 6749 section 4.1.2 recommends at most ten minutes; FAPI 2.0 at most 60 seconds."""

TOMBSTONE_LIFETIME = 3600
"""Seconds for which a replay of a code is recognised and revokes what was issued from it."""


@dataclass(frozen=True, slots=True)
class AuthorizationCode:
    """What stands behind a code: the grant that redeeming it starts, and what must match at redemption.

    `key_thumbprint` is that of the one DPoP key that may redeem it (`dpop_jkt`, RFC 9449 section 10).
    """

    grant: Grant
    redirect_uri: str
    code_challenge: str | None
    nonce: str | None
    key_thumbprint: str | None = None


@dataclass(frozen=True, slots=True)
class Replayed:
    """A code that was redeemed before; its grant must be revoked."""

    grant_id: GrantId


class AuthorizationCodes:
    """Issues and claims codes. What claims were asked for by value is kept as `kept_claims` has it."""

    def __init__(self, store: ShortLivedStore, keys: SubjectKeys, entropy: Entropy) -> None:
        self._store = store
        self._keys = keys
        self._entropy = entropy

    async def issue(self, content: AuthorizationCode, now: Seconds) -> str:
        """A fresh code of 256 random bits."""
        code = self._entropy.token()
        grant = with_kept_claims(self._keys, content.grant)
        value = msgspec.msgpack.encode(replace(content, grant=grant))
        await self._store.put(_key(code), value, Seconds(now + LIFETIME), tombstone=grant.grant_id)
        return code

    async def claim(self, code: str, now: Seconds) -> AuthorizationCode | Replayed | None:
        """Take the code for good; `Replayed` when somebody did before, None when it was never issued or is too old."""
        outcome = await self._store.claim(_key(code), now, keep_until=Seconds(now + TOMBSTONE_LIFETIME))
        if isinstance(outcome, Claimed):
            return msgspec.msgpack.decode(outcome.value, type=AuthorizationCode)
        if isinstance(outcome, AlreadyUsed):
            return Replayed(GrantId(outcome.tombstone))
        return None


def _key(code: str) -> str:
    return f"code:{sha256(code.encode()).hexdigest()}"
