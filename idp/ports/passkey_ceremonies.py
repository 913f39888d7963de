"""What passes between the provider and an authenticator, as the browser carries it (WebAuthn Level 3 section 7)."""

from collections.abc import Sequence
from typing import Protocol

from idp.domain.authenticators.passkey import Passkey
from idp.domain.ids import AccountId, Seconds
from idp.domain.values import dataclass


class CeremonyRefusedError(Exception):
    """An answer is not what was asked for; `reason` is one stable word for the audit record, without its values."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class PasskeyOwner:
    """For whom a passkey is made. `name` tells the owner's accounts apart in the authenticator's own list."""

    account_id: AccountId
    name: str
    display_name: str


@dataclass(frozen=True, slots=True)
class UnverifiedRegistration:
    """What a browser says of a new passkey: only its form was checked."""

    challenge: bytes
    answer: str


@dataclass(frozen=True, slots=True)
class NewCredential:
    """A verified new credential; for its fields see `domain.authenticators.passkey.Passkey`."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    aaguid: str
    transports: tuple[str, ...]
    backup_eligible: bool
    backed_up: bool
    attested_as: str | None


@dataclass(frozen=True, slots=True)
class UnverifiedAssertion:
    """What a browser says an authenticator signed: only its form was checked."""

    challenge: bytes
    credential_id: bytes
    user_handle: bytes | None
    client_data: bytes
    authenticator_data: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class VerifiedAssertion:
    """What an authenticator said and signed."""

    sign_count: int
    backed_up: bool


class PasskeyCeremonies(Protocol):
    """Words what is asked of authenticators, and verifies what they answer. User verification is always required."""

    def creation_options(
        self, challenge: bytes, owner: PasskeyOwner, known: Sequence[Passkey], *, wants_attestation: bool
    ) -> str:
        """The options of `navigator.credentials.create()` as JSON; none of `known` is made a second time."""
        ...

    def request_options(self, challenge: bytes, allowed: Sequence[Passkey] = ()) -> str:
        """The options of `navigator.credentials.get()` as JSON: one of `allowed`, or whichever the person has."""
        ...

    def read_registration(self, answer: str) -> UnverifiedRegistration:
        """The answer to `creation_options`. Raises `CeremonyRefusedError`."""
        ...

    def read_assertion(self, answer: str) -> UnverifiedAssertion:
        """The answer to `request_options`. Raises `CeremonyRefusedError`."""
        ...

    def verify_registration(
        self, unverified: UnverifiedRegistration, now: Seconds, *, wants_attestation: bool
    ) -> NewCredential:
        """The new credential, its challenge claimed before. Raises `CeremonyRefusedError`.

        Without attestation asked for, or with one that no trust anchor vouches for, `attested_as` is None.
        """
        ...

    def verify_assertion(self, unverified: UnverifiedAssertion, passkey: Passkey) -> VerifiedAssertion:
        """What the owner of `passkey` signed, its challenge claimed before. Raises `CeremonyRefusedError`.

        The counter is compared where it is kept (`Passkeys.accept_use`).
        """
        ...

    def believes_makers(self, now: Seconds) -> bool:
        """Whether there is metadata by which any maker's attestation is believed: else none is worth asking for."""
        ...

    def is_trusted(self, aaguid: str, now: Seconds) -> bool:
        """Whether hardware of this model is trusted to protect its keys, as of the metadata at hand."""
        ...
