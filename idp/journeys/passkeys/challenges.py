"""Challenges of passkey ceremonies: good once, for five minutes, for one purpose in one browser's attempt or session.

Nothing is kept until one comes back: a challenge carries its time and a code of ours, and is marked when it is used. So
a sign-in page costs no write, whoever asks for it. A mark that the store may have forgotten must not count twice:
whatever was issued before the store began to remember is refused.
"""

from enum import StrEnum
from hashlib import sha256
from hmac import compare_digest
from typing import Final

from idp.domain.ids import Seconds
from idp.journeys.passkeys.refusals import PasskeyTooLateError
from idp.ports.clock import CLOCK_TOLERANCE, Clock, Entropy
from idp.ports.keys import SubjectKeys
from idp.ports.short_lived import ShortLivedStore

LIFETIME: Final = 300
"""Seconds."""


class Purpose(StrEnum):
    """What a challenge is for; it is good for nothing else."""

    SIGN_IN = "sign_in"
    STEP_UP = "step_up"
    REGISTER = "register"


class WrongChallengeError(PasskeyTooLateError):
    """The challenge is used, over, or not one of ours; `reason` is for the audit record."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PasskeyChallenges:
    """Makes challenges and takes them back."""

    def __init__(self, store: ShortLivedStore, keys: SubjectKeys, clock: Clock, entropy: Entropy) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock
        self._entropy = entropy

    def issue(self, purpose: Purpose, holder: str) -> bytes:
        """A challenge for `holder`, an attempt or a session."""
        told = f"{self._entropy.token(16)}.{self._clock.now()}"
        return f"{told}.{self._code(purpose, holder, told)}".encode()

    async def use(self, purpose: Purpose, holder: str, unverified_challenge: bytes) -> None:
        """Use a challenge up. Of any number of concurrent callers one gets through. Raises `WrongChallengeError`."""
        told, _, code = unverified_challenge.decode("ascii", "replace").rpartition(".")
        if not compare_digest(code.encode(), self._code(purpose, holder, told).encode()):
            raise WrongChallengeError("challenge")
        issued_at, now = int(told.rpartition(".")[2]), self._clock.now()
        if now >= issued_at + LIFETIME:
            raise WrongChallengeError("challenge_over")
        forgotten_at = Seconds(issued_at + LIFETIME + CLOCK_TOLERANCE)
        count, since = await self._store.mark(f"passkey:{sha256(unverified_challenge).hexdigest()}", now, forgotten_at)
        if count > 1 or (since and issued_at <= since + CLOCK_TOLERANCE):
            raise WrongChallengeError("challenge_used")

    def _code(self, purpose: Purpose, holder: str, told: str) -> str:
        return self._keys.tag("passkey", f"{purpose}\n{holder}\n{told}")
