"""RFC 7523 section 3 and OpenID Connect Core section 9: private_key_jwt and client_secret_jwt.

Which client it is, an assertion says itself; nothing of that is believed before a key of that client verified it.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final

from idp.domain.clients.client import Client
from idp.domain.values import dataclass
from idp.ports.clock import CLOCK_TOLERANCE, Clock
from idp.ports.foreign_tokens import ForeignTokens, UnverifiedToken, VerifiedToken
from idp.ports.keys import UnreadableTokenError
from idp.protocol.clients.client_keys import ClientKeys
from idp.protocol.clients.client_secrets import ClientSecrets
from idp.protocol.clients.decoy_keys import DECOY_KEYS, DECOY_SECRET
from idp.protocol.errors import InvalidClientError
from idp.protocol.numeric_date import MalformedNumericDateError, read_numeric_date
from idp.protocol.replay_marks import LONGEST_IDENTIFIER, ReplayedError, ReplayMarks

PRIVATE_KEY: Final = "private_key_jwt"
SECRET: Final = "client_secret_jwt"
TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SECRET_ALGORITHM: Final = "HS256"

LONGEST_LIFE: Final = 3600
"""Seconds that `exp` may lie ahead: for so long its `jti` has to be remembered."""

AHEAD: Final = CLOCK_TOLERANCE
"""Seconds that `nbf` and `iat` may lie ahead of our clock. FAPI 2.0 section 5.3.2.1: at least 10, less than 60."""

_MARK: Final = "assertion"
_TOKEN_TYPES: Final = (None, "JWT", "client-authentication+jwt")


@dataclass(frozen=True, slots=True)
class UnverifiedAssertion:
    """An assertion taken apart, and the client that it claims to come from."""

    client_id: str
    method: str
    token: UnverifiedToken


class ClientAssertions:
    """Reads and verifies assertions; each is good once."""

    def __init__(
        self,
        *,
        issuer: str,
        audiences: AbstractSet[str],
        tokens: ForeignTokens,
        keys: ClientKeys,
        secrets: ClientSecrets,
        marks: ReplayMarks,
        clock: Clock,
    ) -> None:
        """`audiences` are what an assertion may be addressed to besides the issuer: the endpoints."""
        self._issuer = issuer
        self._audiences = audiences | {issuer}
        self._tokens = tokens
        self._keys = keys
        self._secrets = secrets
        self._marks = marks
        self._clock = clock

    def read(self, parameters: Mapping[str, str]) -> UnverifiedAssertion:
        """Return what a request's `client_assertion` claims. Raises `InvalidClientError`."""
        # RFC 7523 section 2.2: "The value of the "client_assertion_type" is" this URN.
        if parameters.get("client_assertion_type") != TYPE:
            raise InvalidClientError(reason="client_assertion_type is not jwt-bearer")
        try:
            token = self._tokens.read(parameters["client_assertion"])
        except UnreadableTokenError as error:
            raise InvalidClientError(reason=f"assertion: {error}") from error
        subject = token.claims.get("sub")
        # RFC 7523 section 3, item 2: "For client authentication, the subject MUST be the "client_id" of the OAuth
        # client"; OpenID Connect Core section 9: iss and sub both. Control characters are in no identifier.
        if not isinstance(subject, str) or token.claims.get("iss") != subject or not subject.isprintable():
            raise InvalidClientError(reason="assertion: iss and sub are not one client")
        # RFC 7521 section 4.2: client_id "MUST identify the same client as is identified by the client assertion".
        if parameters.get("client_id", subject) != subject:
            raise InvalidClientError(reason="assertion: client_id names another client")
        return UnverifiedAssertion(subject, SECRET if token.algorithm == SECRET_ALGORITHM else PRIVATE_KEY, token)

    async def verify(self, client: Client, unverified: UnverifiedAssertion) -> None:
        """Check that this client made the assertion, for us, now, and for the first time. Raises `InvalidClientError`.

        The caller has checked that the client is registered for the method.
        """
        try:
            verified = await self._signed(client, unverified)
        except UnreadableTokenError as error:
            raise InvalidClientError(reason=f"assertion: {error}", client_id=client.client_id) from error
        self._check_audience(client, verified.claims.get("aud"))
        first_use, good_until = self._check_times(client, verified.claims)
        identifier = verified.claims.get("jti")
        # OpenID Connect Core section 9: "jti REQUIRED. [...] These tokens MUST only be used once".
        if not isinstance(identifier, str) or not 0 < len(identifier) <= LONGEST_IDENTIFIER:
            raise InvalidClientError(reason="assertion: no jti", client_id=client.client_id)
        try:
            await self._marks.use(_MARK, client.client_id, identifier, first_use, good_until)
        except ReplayedError as error:
            raise InvalidClientError(reason=f"assertion: {error}", client_id=client.client_id) from error

    def pretend(self, unverified: UnverifiedAssertion) -> None:
        """Do what verifying costs, for a client that is not there."""
        try:
            if unverified.method == SECRET:
                self._tokens.verify_with_secret(unverified.token, DECOY_SECRET)
            else:
                self._tokens.verify(unverified.token, DECOY_KEYS, {unverified.token.algorithm})
        except UnreadableTokenError:
            return

    async def _signed(self, client: Client, unverified: UnverifiedAssertion) -> VerifiedToken:
        token = unverified.token
        # RFC 8725 section 3.11: no token of another kind passes for an assertion.
        if token.header.get("typ") not in _TOKEN_TYPES:
            raise UnreadableTokenError("another type of token")
        # OpenID Connect Registration section 2: "All Token Requests using these authentication methods from this Client
        # MUST be rejected, if the JWT is not signed with this algorithm."
        if client.assertion_algorithm not in {None, token.algorithm}:
            raise UnreadableTokenError("not the registered algorithm")
        if unverified.method == PRIVATE_KEY:
            return await self._keys.verify(client, token, client.policy.signing_algorithms)
        refused = UnreadableTokenError("no secret to verify with")
        for secret in self._secrets.in_force(client, self._clock.now()):
            try:
                return self._tokens.verify_with_secret(token, secret)
            except UnreadableTokenError as error:
                refused = error
        raise refused

    def _check_audience(self, client: Client, audience: Any) -> None:  # noqa: ANN401 -- whatever was signed
        if client.policy.issuer_is_only_assertion_audience:
            # FAPI 2.0 section 5.3.2.1: "shall only accept its issuer identifier value [...] as a string in the aud
            # claim received in client authentication assertions".
            addressed = audience == self._issuer
        else:
            # RFC 7523 section 3, item 3: "The authorization server MUST reject any JWT that does not contain its own
            # identity as the intended audience."
            values = audience if isinstance(audience, list) else [audience]
            addressed = any(isinstance(value, str) and value in self._audiences for value in values)
        if not addressed:
            raise InvalidClientError(reason="assertion: for somebody else", client_id=client.client_id)

    def _check_times(self, client: Client, claims: Mapping[str, Any]) -> tuple[int, int]:
        """Return before which moment the assertion cannot have been used, and from which on it is refused."""
        now = self._clock.now()
        expires_at, not_before, issued_at = (_moment(client, claims, name) for name in ("exp", "nbf", "iat"))
        # RFC 7523 section 3, item 4: "The JWT MUST contain an "exp" (expiration time) claim"; "MUST reject any JWT with
        # an expiration time that has passed", and "may reject JWTs with an "exp" [...] unreasonably far in the future".
        if expires_at is None or not now < expires_at <= now + LONGEST_LIFE + CLOCK_TOLERANCE:
            raise InvalidClientError(reason="assertion: expired, or good for too long", client_id=client.client_id)
        # Items 5 and 6: "nbf" and "iat".
        if max(not_before or 0, issued_at or 0) > now + AHEAD:
            raise InvalidClientError(reason="assertion: from the future", client_id=client.client_id)
        # Without a moment of its own it was good from as early on as one of that end can have been.
        earliest = max(issued_at or 0, not_before or 0) or expires_at - LONGEST_LIFE - CLOCK_TOLERANCE
        return int(earliest), int(expires_at) + 1


def _moment(client: Client, claims: Mapping[str, Any], name: str) -> float | None:
    try:
        return read_numeric_date(claims, name)
    except MalformedNumericDateError as error:
        raise InvalidClientError(reason=f"assertion: {error}", client_id=client.client_id) from error
