"""Who stands before the page: where a request comes from, and what its browser remembers."""

from dataclasses import field
from functools import lru_cache
from hmac import compare_digest
from typing import Final

from idp.domain.abuse.browser_kind import BrowserKind
from idp.domain.abuse.place import Place
from idp.domain.events import Origin
from idp.domain.ids import AccountId
from idp.domain.levels.assurance import Level
from idp.domain.sign_ins.journey_count import FormFactor
from idp.domain.values import dataclass
from idp.ports.clock import Entropy
from idp.ports.keys import SubjectKeys

_REMEMBERED: Final = 1024
"""Browsers whose codes a process keeps, least recently seen out first."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """One request's circumstances. `device` is the cookie left by an earlier sign-in, as sent and not yet believed.

    `form_factor` is what the browser says of its machine; it is counted, and nothing hangs on it. `network` is a keyed
    pseudonym of the network around the address (/24, /48): throttles count by it, and no event carries it. `browser` is
    what its owner recognises it by; `place` is where the address lies, None where nothing is known about it.
    """

    origin: Origin
    locale: str
    device: str | None = None
    form_factor: FormFactor = FormFactor.UNKNOWN
    network: str = ""
    place: Place | None = field(default=None, repr=False)
    browser: BrowserKind = field(default_factory=BrowserKind)


class KnownDevices:
    """A cookie that says "this browser signed in to that account before", and by how much: never a factor.

    It earns a fairer throttle only for what was proved on it: a password alone buys no tries of the second factor.
    """

    def __init__(self, keys: SubjectKeys, entropy: Entropy) -> None:
        self._keys = keys
        self._entropy = entropy
        # One sign-in asks several times of the one browser at hand.
        self._tag = lru_cache(_REMEMBERED)(self._make_tag)

    def remember(self, account_id: AccountId, level: Level, cookie: str | None = None) -> str:
        """A cookie value for the browser that just signed in to `level`; a known device keeps its name and its rank."""
        known, rank = self._read(cookie, account_id) or (self._entropy.token(12), Level.NONE)
        rank = max(rank, level)
        return f"{known}.{int(rank)}.{self._tag(account_id, known, rank)}"

    def recognise(self, cookie: str | None, account_id: AccountId | None, level: Level = Level.ONE) -> str | None:
        """The device's identifier if this account signed in on it to `level` or more, else None."""
        found = self._read(cookie, account_id) if account_id else None
        return found[0] if found and found[1] >= level else None

    def _read(self, cookie: str | None, account_id: AccountId) -> tuple[str, Level] | None:
        device, _, rest = (cookie or "").partition(".")
        written, _, tag = rest.partition(".")
        rank = next((level for level in Level if written == str(int(level))), None)
        if not device or rank is None:
            return None
        expected = self._tag(account_id, device, rank)
        return (device, rank) if compare_digest(tag.encode(), expected.encode()) else None

    def _make_tag(self, account_id: AccountId, device: str, rank: Level) -> str:
        return self._keys.tag("known-device", f"{account_id}\n{device}\n{int(rank)}")
