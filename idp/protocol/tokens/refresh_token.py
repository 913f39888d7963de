"""RFC 6749 section 6 and RFC 9700 section 4.14.2: refresh tokens, rotated at every use.

A token is base64url(family of 32 bytes, turn of 32 bytes). The family stays for the life of the grant, the turn is
replaced at each use; of both only the SHA-256 is stored. The first two bytes of a family are those of its grant's
identifier, so that a store knows where to look; everything behind them cannot be guessed. Whoever shows a turn that is
not the current one shows a token that was used before, and the family ends.

Lifetime: that of the grant (`Grant.expires_at`), fixed when the person authorized and not stretched by use. Without
`offline_access` it is the end of the session. Those of a public client live for a day at most, and only under the key
that was shown when the first of them was issued, if one was.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace
from hashlib import sha256
from typing import Final

from idp.domain.grants.confirmation import Confirmation
from idp.domain.grants.grant import PREFIX, Grant, RefreshHashes
from idp.domain.ids import GrantId, Seconds, TokenHash
from idp.domain.values import dataclass
from idp.ports.clock import Entropy

PUBLIC_LIFETIME: Final = 24 * 3600
"""Seconds that the grant of a public client lives. RFC 9700 section 4.14.2 wants its refresh tokens bound to a key or
rotated; a day bounds what a copy is worth that nobody noticed."""

_PART: Final = 32
_LENGTH: Final = 86
_HINT: Final = PREFIX // 2


@dataclass(frozen=True, slots=True)
class PresentedRefreshToken:
    """A refresh token as shown: its hashes, and the raw family that its successor carries on."""

    hashes: RefreshHashes
    family: bytes


def as_public(grant: Grant, confirmation: Confirmation | None, now: Seconds) -> Grant:
    """Return the grant of a public client as it may start: bound to the key that was shown, and short."""
    # RFC 9449 section 5: "the refresh token MUST be bound to the respective public key" of a public client. That of a
    # confidential one is bound to the client, whose keys may change.
    ends = min(grant.expires_at, Seconds(now + PUBLIC_LIFETIME))
    return replace(grant, confirmation=confirmation, expires_at=ends)


class RefreshTokens:
    """Makes refresh tokens."""

    def __init__(self, entropy: Entropy) -> None:
        self._entropy = entropy

    def begin(self, grant_id: GrantId) -> tuple[str, RefreshHashes]:
        """Return the first token of a new family, and what is stored of it."""
        family, turn = bytes.fromhex(grant_id[:PREFIX]) + self._random()[_HINT:], self._random()
        return _join(family, turn), _hashes(family, turn)

    def succeed(self, presented: PresentedRefreshToken) -> tuple[str, TokenHash]:
        """Return the next token of the same family, and what is stored of its turn."""
        turn = self._random()
        return _join(presented.family, turn), _hash(turn)

    def _random(self) -> bytes:
        return urlsafe_b64decode(self._entropy.token(_PART) + "=")


def read_refresh_token(token: str) -> PresentedRefreshToken | None:
    """Return the parts of a refresh token, or None when it is not of this form."""
    if len(token) != _LENGTH or not token.isascii():
        return None
    try:
        raw = urlsafe_b64decode(token + "==")
    except (binascii.Error, ValueError):
        return None
    family, turn = raw[:_PART], raw[_PART:]
    # Two spellings of one token would be two tokens in the eyes of whoever compares them as text.
    if _join(family, turn) != token:
        return None
    return PresentedRefreshToken(_hashes(family, turn), family)


def _hashes(family: bytes, turn: bytes) -> RefreshHashes:
    return RefreshHashes(_hash(family), _hash(turn), family[:_HINT].hex())


def _hash(part: bytes) -> TokenHash:
    return TokenHash(sha256(part).digest())


def _join(family: bytes, turn: bytes) -> str:
    return urlsafe_b64encode(family + turn).rstrip(b"=").decode()
