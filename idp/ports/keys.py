"""Keys: signing and verifying tokens, deriving subjects, sealing small values."""

from typing import Any, Protocol

from idp.domain.ids import AccountId, ClientId, SessionId


class TokenSigner(Protocol):
    """Signs with the key in state `signing` and verifies with every key that is still published."""

    def sign(self, claims: dict[str, Any], *, algorithm: str, token_type: str) -> str:
        """A compact JWS of `claims`; the header has `alg`, `kid` and `typ` (`token_type`)."""
        ...

    def verify(self, token: str, *, token_type: str | None) -> dict[str, Any]:
        """The claims of a token of our own, signature and `typ` checked, times and audience not.

        Raises `UnreadableTokenError` for anything else: another issuer's key, `alg` none, a wrong type, garbage.
        """
        ...

    def generation(self) -> int:
        """A number that is another one, within a second, whenever the keys that are believed changed."""
        ...

    def can_sign(self, algorithm: str) -> bool:
        """Whether something that is to go out now can be signed so; that it cannot is told to operators."""
        ...

    def algorithms(self) -> tuple[str, ...]:
        """The algorithms that can be signed with now (RS256 and ES256, others when a key was made)."""
        ...

    def jwks(self) -> bytes:
        """The JSON Web Key Set: next, signing and published keys, public parts only; the same bytes until a change."""
        ...


class UnreadableTokenError(Exception):
    """A token that cannot be read or does not verify; the message is a private detail."""


class SubjectKeys(Protocol):
    """Long-lived keys for identifiers that clients see; they never rotate with the signing keys."""

    def pairwise_subject(self, sector: str, account_id: AccountId) -> str:
        """`sub` for all clients of one sector (OpenID Connect Core section 8.1)."""
        ...

    def public_subject(self, account_id: AccountId) -> str:
        """`sub` for clients registered with `subject_type` public."""
        ...

    def client_session_id(self, client_id: ClientId, session_id: SessionId) -> str:
        """`sid` for one client, so that two clients cannot join people by session."""
        ...

    def pseudonym(self, value: str) -> str:
        """A keyed pseudonym of a network address for audit events."""
        ...

    def tag(self, purpose: str, value: str) -> str:
        """A message authentication code of `value`, base64url, bound to `purpose`."""
        ...


class PasswordHasher(Protocol):
    """argon2id in a bounded pool with a short queue."""

    async def verify(self, password_hash: str | None, password: str, *, known_device: bool = False) -> bool:
        """Whether the password is right. None (an unknown user) costs the same and is always False.

        Raises `BusyError` when the queue is full; a share of it is kept for devices that signed in before.
        """
        ...

    def check_room(self, *, known_device: bool) -> None:
        """Raise `BusyError` when `verify` would: asked before anything is written for a try."""
        ...

    async def hash(self, password: str) -> str:
        """A PHC string with the parameters in force. Raises `BusyError`."""
        ...

    def needs_rehash(self, password_hash: str) -> bool:
        """Whether the hash was made with other parameters than those in force."""
        ...


class BusyError(Exception):
    """Too much work waits already; try again in `retry_after` seconds."""

    def __init__(self, retry_after: int = 1) -> None:
        super().__init__("busy")
        self.retry_after = retry_after
