"""The biometric verifier: compares a living face with the portrait of a card, somewhere else than here."""

from typing import Protocol

from idp.domain.enrolment.biometric_check import CheckOutcome
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class StartedCheck:
    """A check that waits for its person. `address` is where the person goes; `check_id` names the check for us."""

    check_id: str
    address: str


class BiometricVerifier(Protocol):
    """Starts checks, and tells what came of them: from the verifier itself, never from the person's browser."""

    @property
    def origin(self) -> str:
        """Scheme, host and port of the pages that people are sent to."""
        ...

    @property
    def name(self) -> str:
        """What people are told that the service is called."""
        ...

    async def start(self, portrait: str, return_to: str, locale: str) -> StartedCheck:
        """Begin a check against a portrait of the population register; the person comes back to `return_to`.

        Raises `VerifierUnavailableError`.
        """
        ...

    async def outcome(self, check_id: str) -> CheckOutcome | None:
        """What the verifier signed about a check of ours; None while it is not finished.

        Raises `VerifierUnavailableError`, and `UntrustedOutcomeError` when what came was not signed by the verifier,
        is about another check, or is old.
        """
        ...


class VerifierUnavailableError(Exception):
    """The verifier did not answer; ask again in `retry_after` seconds."""

    def __init__(self, retry_after: int = 30) -> None:
        super().__init__("the biometric verifier does not answer")
        self.retry_after = retry_after


class UntrustedOutcomeError(Exception):
    """An outcome that proves nothing; the message is a private detail."""
