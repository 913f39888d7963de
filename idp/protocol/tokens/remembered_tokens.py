"""RFC 9068 section 4: tokens whose signature was verified before, so that it need not be once more.

What is remembered is what a token says, which never changes. Whether it still works (its time, revocations, the grant,
the client, the account) is looked at each time that it is shown. With the keys that are believed, everything that they
proved is forgotten: a key that was taken out of the keystore proves nothing a second later.
"""

from typing import Final, Generic, TypeVar

MOST: Final = 2_048
"""Tokens remembered by one process, about a kilobyte each; the one remembered first goes first."""

T = TypeVar("T")


class RememberedTokens(Generic[T]):
    """What tokens say, by the SHA-256 of the token: none can be read out of the memory of the process here."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._keys = 0
        self._told: dict[bytes, T] = {}

    def get(self, keys: int, digest: bytes) -> T | None:
        """Return what a token says that verified under these keys (`TokenSigner.generation`), or None."""
        return self._told.get(digest) if keys == self._keys else None

    def put(self, keys: int, digest: bytes, told: T) -> None:
        """Remember what a token says that verified under these keys."""
        if keys != self._keys:
            self._told.clear()
            self._keys = keys
        if digest not in self._told and len(self._told) >= self._most:
            del self._told[next(iter(self._told))]
        self._told[digest] = told
