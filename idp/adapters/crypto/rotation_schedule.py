"""When a signing key hands over to the next one.

A key may sign once everybody who verifies knows it. Our own nodes look at the keystore every second. Relying parties
keep the key set longer: five minutes if they follow our `Cache-Control`, and up to a day by a timer of their own, which
is what the slower of the common libraries do (most fetch it anew when they meet an unknown `kid`, not all). Clocks that
are an hour wrong, on the node that made the key and on the one that rotates, take two hours off a day at most.
"""

from collections.abc import Iterable
from typing import Final

from idp.adapters.crypto.signing_key import KeyState, SigningKey
from idp.domain.ids import Seconds

ANNOUNCED_FOR: Final = 24 * 3600
"""Seconds that a next key is published before the schedule lets it sign."""


def next_rotation(keys: Iterable[SigningKey], period: int) -> Seconds | None:
    """Return when the schedule rotates the keys of one algorithm; None when it never does.

    `period` is in seconds, 0 for by hand. Without a signing key and an announced one there is nothing to rotate.
    """
    keys = tuple(keys)
    signing_since = max((key.state_since for key in keys if key.state is KeyState.SIGNING), default=None)
    announced_at = min((key.created_at for key in keys if key.state is KeyState.NEXT), default=None)
    if not period or signing_since is None or announced_at is None:
        return None
    return Seconds(max(signing_since + period, announced_at + ANNOUNCED_FOR))
