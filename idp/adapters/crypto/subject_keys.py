"""Identifiers that clients see, derived with keyed hashes (HMAC-SHA256): nobody can reverse or join them."""

import hmac
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


class KeystoreSubjectKeys:
    """`SubjectKeys` over the long-lived keys of a keystore."""

    __slots__ = ("_keys",)

    def __init__(self, keys: LongLivedKeys) -> None:
        self._keys = keys

    def pairwise_subject(self, sector: str, account_id: AccountId) -> str:
        return encode_base64url(_mac(self._keys[PAIRWISE_SUBJECT], sector, account_id))

    def public_subject(self, account_id: AccountId) -> str:
        return encode_base64url(_mac(self._keys[PUBLIC_SUBJECT], account_id))

    def client_session_id(self, client_id: ClientId, session_id: SessionId) -> str:
        return encode_base64url(_mac(self._keys[SESSION], client_id, session_id))

    def pseudonym(self, value: str) -> str:
        return encode_base64url(_mac(self._keys[PSEUDONYM], value)[:_PSEUDONYM_SIZE])

    def tag(self, purpose: str, value: str) -> str:
        return encode_base64url(_mac(self._keys[TAG], purpose, value))


def _mac(key: bytes, *parts: str) -> bytes:
    """Return the code of the parts, each with its length before it, so that no two lists of parts read the same."""
    return hmac.digest(key, "".join([f"{len(part)}:{part}" for part in parts]).encode(errors="surrogatepass"), "sha256")
