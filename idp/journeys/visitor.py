"""Who stands before the page: where a request comes from, and what its browser remembers."""

from dataclasses import dataclass
from hmac import compare_digest

from idp.domain.events import Origin
from idp.domain.ids import AccountId
from idp.ports.clock import Entropy
from idp.ports.keys import SubjectKeys


@dataclass(frozen=True, slots=True)
class Visitor:
    """One request's circumstances. `device` is the cookie left by an earlier sign-in, as sent and not yet believed."""

    origin: Origin
    locale: str
    device: str | None = None


class KnownDevices:
    """A cookie that says "this browser signed in to that account before": never a factor, only a fairer throttle."""

    def __init__(self, keys: SubjectKeys, entropy: Entropy) -> None:
        self._keys = keys
        self._entropy = entropy

    def remember(self, account_id: AccountId) -> str:
        """A cookie value for the browser that just signed in."""
        device = self._entropy.token(12)
        return f"{device}.{self._tag(account_id, device)}"

    def recognise(self, cookie: str | None, account_id: AccountId | None) -> str | None:
        """The device's identifier if the cookie was left by a sign-in to this account, else None."""
        device, _, tag = (cookie or "").partition(".")
        if account_id is None or not device:
            return None
        return device if compare_digest(tag.encode(), self._tag(account_id, device).encode()) else None

    def _tag(self, account_id: AccountId, device: str) -> str:
        return self._keys.tag("known-device", f"{account_id}\n{device}")
