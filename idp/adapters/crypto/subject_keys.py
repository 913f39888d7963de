"""Identifiers that clients see, derived with keyed hashes (HMAC-SHA256): nobody can reverse or join them."""

import hmac
from functools import lru_cache
from typing import Final

from idp.adapters.crypto.base64url import encode_base64url
from idp.adapters.crypto.long_lived_keys import (
    PAIRWISE_SUBJECT,
    PSEUDONYM,
    PUBLIC_SUBJECT,
    SESSION,
    TAG,
    LongLivedKeys,
)
from idp.domain.ids import AccountId, ClientId, SessionId

_PSEUDONYM_SIZE: Final = 16

_REMEMBERED: Final = 4_096
"""Identifiers of each kind that a process keeps, least recently used out first: a few hundred bytes each."""


class KeystoreSubjectKeys:
    """`SubjectKeys` over the long-lived keys of a keystore. What is asked for again and again is derived once."""

    __slots__ = ("_keys", "client_session_id", "pairwise_subject", "pseudonym")

    def __init__(self, keys: LongLivedKeys) -> None:
        self._keys = keys
        remembered = lru_cache(_REMEMBERED)
        self.pairwise_subject = remembered(self._pairwise_subject)
        self.client_session_id = remembered(self._client_session_id)
        self.pseudonym = remembered(self._pseudonym)

    def public_subject(self, account_id: AccountId) -> str:
        return encode_base64url(_mac(self._keys[PUBLIC_SUBJECT], account_id))

    def tag(self, purpose: str, value: str) -> str:
        return encode_base64url(_mac(self._keys[TAG], purpose, value))

    def _pairwise_subject(self, sector: str, account_id: AccountId) -> str:
        return encode_base64url(_mac(self._keys[PAIRWISE_SUBJECT], sector, account_id))

    def _client_session_id(self, client_id: ClientId, session_id: SessionId) -> str:
        return encode_base64url(_mac(self._keys[SESSION], client_id, session_id))

    def _pseudonym(self, value: str) -> str:
        return encode_base64url(_mac(self._keys[PSEUDONYM], value)[:_PSEUDONYM_SIZE])


def _mac(key: bytes, *parts: str) -> bytes:
    """Return the code of the parts, each with its length before it, so that no two lists of parts read the same."""
    return hmac.digest(key, "".join([f"{len(part)}:{part}" for part in parts]).encode(errors="surrogatepass"), "sha256")
