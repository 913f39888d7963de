"""OpenID Connect Session Management 1.0 sections 2 and 3.2: what tells a service that the sign-in is still the same."""

from hashlib import sha256
from typing import Final

from idp.domain.clients.client_uris import origin_of
from idp.domain.ids import ClientId, SessionId
from idp.ports.clock import Entropy
from idp.ports.keys import SubjectKeys

NOBODY: Final = ""
"""The state of a browser in which nobody is signed in."""

_PURPOSE: Final = "browser-state"


class SessionStates:
    """Makes the values that a relying party compares, through the frame that this provider serves."""

    def __init__(self, keys: SubjectKeys, entropy: Entropy) -> None:
        self._keys = keys
        self._entropy = entropy

    def browser_state(self, session_id: SessionId) -> str:
        """Return what stands for a session in the cookie that the frame reads; it tells nothing to whoever sees it."""
        return self._keys.tag(_PURPOSE, session_id)

    def session_state(self, client_id: ClientId, redirect_uri: str, session_id: SessionId | None) -> str | None:
        """Return `session_state` for one response, None for a client whose address is no website's.

        Every response gets another salt, so that two clients, or two answers, cannot be joined by it.
        """
        origin = origin_of(redirect_uri)
        if origin is None:
            return None
        state = NOBODY if session_id is None else self.browser_state(session_id)
        salt = self._entropy.token(16)
        # Section 3.2: "based on a salted cryptographic hash of Client ID, origin URL, and OP User Agent state."
        return f"{sha256(f'{client_id} {origin} {state} {salt}'.encode()).hexdigest()}.{salt}"
