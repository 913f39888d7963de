"""RFC 7591 section 2.3: metadata that somebody trusted asserts of a client, as a signed JWT."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from idp.domain.values import dataclass
from idp.ports.clock import CLOCK_TOLERANCE, Clock
from idp.ports.foreign_tokens import ForeignTokens, Jwk, UnverifiedToken
from idp.ports.keys import UnreadableTokenError
from idp.protocol.errors import InvalidSoftwareStatementError, UnapprovedSoftwareStatementError
from idp.protocol.numeric_date import MalformedNumericDateError, read_numeric_date

ALGORITHMS: Final = frozenset({"RS256", "PS256", "ES256", "EdDSA", "Ed25519"})

LONGEST_LIFE: Final = 366 * 86_400
"""Seconds that `exp` may lie ahead."""

_ABOUT_THE_STATEMENT: Final = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti"})

StatementIssuers = Mapping[str, Sequence[Jwk]]
"""Who may issue statements, by `iss`, and the public keys of each."""


@dataclass(frozen=True, slots=True)
class SoftwareStatement:
    """A statement whose signature and times hold: what it says of the client, and who says so."""

    issuer: str
    metadata: Mapping[str, Any]
    encoded: str


class SoftwareStatements:
    """Verifies statements of the issuers that this deployment trusts."""

    def __init__(self, tokens: ForeignTokens, issuers: StatementIssuers, clock: Clock, audience: str) -> None:
        self._tokens = tokens
        self._issuers = issuers
        self._clock = clock
        self._audience = audience

    def verify(self, encoded: str) -> SoftwareStatement:
        """Return the statement. Raises `InvalidSoftwareStatementError`, `UnapprovedSoftwareStatementError`."""
        try:
            unverified = self._tokens.read(encoded)
            issuer, keys = self._trusted(unverified)
            claims = self._tokens.verify(unverified, keys, ALGORITHMS).claims
        except UnreadableTokenError as error:
            raise InvalidSoftwareStatementError(reason=f"software statement: {error}") from error
        self._check_times(claims)
        # RFC 7519 section 4.1.3: a principal not identified by `aud` "MUST" reject the JWT.
        audience = claims.get("aud", self._audience)
        if self._audience not in (audience if isinstance(audience, list) else [audience]):
            raise InvalidSoftwareStatementError(reason="the software statement is for another server")
        return SoftwareStatement(issuer, _asserted(claims), encoded)

    def kept(self, encoded: str) -> Mapping[str, Any]:
        """Return what a statement says that was verified when the client was registered, and may be over now."""
        return _asserted(self._tokens.read(encoded).claims)

    def _trusted(self, unverified: UnverifiedToken) -> tuple[str, Sequence[Jwk]]:
        # "a software statement [...] MUST contain an "iss" (issuer) claim".
        issuer = unverified.claims.get("iss")
        if not isinstance(issuer, str):
            raise InvalidSoftwareStatementError(reason="the software statement names no issuer")
        if issuer not in self._issuers:
            raise UnapprovedSoftwareStatementError(reason="the issuer of the software statement is unknown")
        return issuer, self._issuers[issuer]

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        now = self._clock.now()
        try:
            ends, begins, issued = (read_numeric_date(claims, name) for name in ("exp", "nbf", "iat"))
        except MalformedNumericDateError as error:
            raise InvalidSoftwareStatementError(reason=f"software statement: {error}") from error
        # Without an end a statement that got about would register clients as long as its issuer's key is trusted.
        if ends is None or ends > now + LONGEST_LIFE + CLOCK_TOLERANCE:
            raise InvalidSoftwareStatementError("The software statement must expire, within a year.")
        # Section 4.1.4 and 4.1.5 of RFC 7519: not "on or after" `exp`, not "before" `nbf`.
        if now >= ends + CLOCK_TOLERANCE:
            raise InvalidSoftwareStatementError("The software statement has expired.")
        if max(begins or 0, issued or 0) > now + CLOCK_TOLERANCE:
            raise InvalidSoftwareStatementError(reason="the software statement is not valid yet")


def _asserted(claims: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in claims.items() if name not in _ABOUT_THE_STATEMENT}
