"""What names a request outside: the owner's way back, the link that stops it, and the code that is read out.

All three are made from the request's identifier under a key, and kept nowhere.
"""

from base64 import b32encode, urlsafe_b64decode
from hashlib import sha256
from hmac import compare_digest
from typing import Final

from idp.domain.ids import TokenHash
from idp.ports.clock import Entropy
from idp.ports.keys import SubjectKeys

SPOKEN_DIGITS: Final = 8
_LONGEST: Final = 200
_COUNTER_BYTES: Final = 15
_GROUP: Final = 4


class UnknownTokenError(Exception):
    """Nobody was given this."""


class RecoveryTokens:
    """Makes them, and reads them again."""

    def __init__(self, keys: SubjectKeys, entropy: Entropy) -> None:
        self._keys = keys
        self._entropy = entropy

    def way_back(self, request_id: str) -> str:
        """Return what lets the owner come back to a request."""
        return self._signed("recovery-back", request_id)

    def request_of_way_back(self, token: str) -> str:
        """Return the request of an owner's token. Raises `UnknownTokenError`."""
        return self._read("recovery-back", token)

    def stop(self, request_id: str) -> str:
        """Return what stops a request, for the message to a contact."""
        return self._signed("recovery-stop", request_id)

    def request_of_stop(self, token: str) -> str:
        """Return the request of a token that stops it. Raises `UnknownTokenError`."""
        return self._read("recovery-stop", token)

    def spoken(self, request_id: str) -> str:
        """Return the digits that the owner reads out to whoever is to confirm."""
        material = urlsafe_b64decode(self._keys.tag("recovery-spoken", request_id) + "==")
        return str(int.from_bytes(material[:8]) % 10**SPOKEN_DIGITS).zfill(SPOKEN_DIGITS)

    def counter_code(self) -> str:
        """Return a fresh code of 120 random bits, such as `ABCD-EFGH-…`: nobody has to count the tries at it."""
        text = b32encode(urlsafe_b64decode(self._entropy.token(_COUNTER_BYTES))).decode()
        return "-".join(text[place : place + _GROUP] for place in range(0, len(text), _GROUP))

    def _signed(self, purpose: str, request_id: str) -> str:
        return f"{request_id}.{self._keys.tag(purpose, request_id)}"

    def _read(self, purpose: str, token: str) -> str:
        request_id, _, tag = token[:_LONGEST].partition(".")
        if not compare_digest(tag.encode(errors="surrogatepass"), self._keys.tag(purpose, request_id).encode()):
            raise UnknownTokenError
        return request_id


def counter_code_hash(typed: str) -> TokenHash:
    """Return what is kept of a counter's code; case, spaces and dashes do not matter."""
    plain = "".join(character for character in typed[:_LONGEST].upper() if character.isalnum())
    return TokenHash(sha256(plain.encode(errors="surrogatepass")).digest())
