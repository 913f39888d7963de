"""RFC 8628 section 6.1: the codes that people type, few enough to read out, too many to guess within the limits."""

import re
from typing import Final

from idp.domain.ids import Seconds
from idp.ports.clock import Entropy
from idp.ports.keys import SubjectKeys
from idp.ports.short_lived import ShortLivedStore
from idp.protocol.decoupled.requests import Reference

ALPHABET: Final = "BCDFGHJKLMNPQRSTVWXZ"
"""Section 6.1: consonants alone, so that no word comes about and no letter looks like a digit."""

LENGTH: Final = 8
"""34.5 bits."""

_GROUP: Final = 4
_DIGITS: Final = 30
"""Decimal digits that a code is drawn from: 10^30 is so much more than 20^8 that no code is likelier than another."""

_NOISE: Final = re.compile(r"[\W_]+")
_CODE: Final = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")


class UserCodes:
    """Codes in the short-lived store, under a keyed hash: they are short enough to be found by trying otherwise."""

    def __init__(self, store: ShortLivedStore, keys: SubjectKeys, entropy: Entropy) -> None:
        self._store = store
        self._keys = keys
        self._entropy = entropy

    async def fresh(self, now: Seconds) -> str:
        """A code that stands for nothing yet."""
        while True:
            code = self._draw()
            if await self._store.get(self._key(code), now) is None:
                return code

    async def assign(self, code: str, reference: Reference, expires_at: Seconds) -> None:
        """Let a code stand for a request until `expires_at`."""
        await self._store.put(self._key(code), reference.encode(), expires_at)

    async def find(self, code: str, now: Seconds) -> Reference | None:
        """The request that a code stands for, or None."""
        found = await self._store.get(self._key(code), now)
        return None if found is None else Reference(found.decode())

    async def forget(self, code: str) -> None:
        """A code is of no use once somebody has decided."""
        await self._store.delete(self._key(code))

    def _draw(self) -> str:
        number, letters = int(self._entropy.digits(_DIGITS)), []
        for _ in range(LENGTH):
            number, letter = divmod(number, len(ALPHABET))
            letters.append(ALPHABET[letter])
        return "".join(letters)

    def _key(self, code: str) -> str:
        return f"user-code:{self._keys.tag('user-code', code)}"


def read_user_code(typed: str) -> str | None:
    """Return the code that was typed, in any case and with whatever stands between its letters; None if it is none."""
    # Section 6.1: "the authorization server should [...] ignore any characters not in the character set".
    code = _NOISE.sub("", typed[:64]).upper()
    return code if _CODE.fullmatch(code) else None


def shown_user_code(code: str) -> str:
    """Return a code as people read it best."""
    return "-".join(code[start : start + _GROUP] for start in range(0, LENGTH, _GROUP))
