"""RFC 7523 section 2.1: assertions as grants, by which a workload has its tokens without a secret of its own.

An assertion speaks for the client alone, never for a person: nobody but the person here says who is signed in. Whose
assertions count stands in the client's registration (`jwt_bearer_issuers`): the issuer, its keys, and the subjects that
are this client (a workload of a cluster, a job of a build system).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from idp.domain.clients.client import Client
from idp.domain.clients.registered_metadata import TrustedIssuer
from idp.domain.events import Origin
from idp.domain.grants.confirmation import Confirmation
from idp.domain.values import dataclass
from idp.ports.clock import CLOCK_TOLERANCE, Clock
from idp.ports.foreign_tokens import ForeignTokens
from idp.ports.keys import UnreadableTokenError
from idp.protocol.authorize.authorization_details import refuse_authorization_details
from idp.protocol.claims.scopes import scopes_of_client
from idp.protocol.clients.client_keys import ClientKeys
from idp.protocol.errors import InvalidGrantError, UnauthorizedClientError
from idp.protocol.numeric_date import MalformedNumericDateError, read_numeric_date
from idp.protocol.replay_marks import LONGEST_IDENTIFIER, ReplayedError, ReplayMarks
from idp.protocol.resources.resources import ResourceIndicators, Target
from idp.protocol.tokens.client_tokens import ClientTokens
from idp.protocol.tokens.token import TokenRequest, TokenResponse, required

GRANT_TYPE: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"

LONGEST_LIFE: Final = 3600
"""Seconds that `exp` may lie ahead: for so long its `jti` has to be remembered."""

_MARK: Final = "jwt-bearer"


@dataclass(frozen=True, slots=True)
class ValidatedAssertion:
    """An assertion that holds, used up, and what may be issued on it."""

    client: Client
    target: Target
    confirmation: Confirmation | None


class JwtBearerGrant:
    """Issues tokens on assertions; each is good once."""

    def __init__(
        self,
        *,
        audiences: frozenset[str],
        foreign: ForeignTokens,
        keys: ClientKeys,
        marks: ReplayMarks,
        resources: ResourceIndicators,
        tokens: ClientTokens,
        clock: Clock,
    ) -> None:
        """`audiences` are what an assertion may be addressed to: the issuer, and the token endpoint."""
        self._audiences = audiences
        self._foreign = foreign
        self._keys = keys
        self._marks = marks
        self._resources = resources
        self._tokens = tokens
        self._clock = clock

    async def validate(self, client: Client, request: TokenRequest) -> ValidatedAssertion:
        """Use the assertion up, then check it. Raises `OAuthError`."""
        if not client.jwt_bearer_issuers:
            raise UnauthorizedClientError
        # One administrator says whose word counts, and two let it count.
        if not client.is_in_production:
            raise UnauthorizedClientError(reason="not in production")
        refuse_authorization_details(request.parameters)
        claims = await self._verified(client, required(request.parameters, "assertion"))
        # Section 3, item 3: "The JWT MUST contain an aud (audience) claim containing a value that identifies the
        # authorization server as an intended audience."
        if self._audiences.isdisjoint(_texts(claims.get("aud"))):
            raise InvalidGrantError(reason="assertion for another audience")
        scopes = scopes_of_client(client, request.parameters.get("scope"))
        target = await self._resources.for_client(scopes, request.resources)
        return ValidatedAssertion(client, target, request.confirmation)

    async def issue(self, validated: ValidatedAssertion, origin: Origin) -> TokenResponse:
        """Return the token, recorded. RFC 7521 section 4.1: no refresh token."""
        return await self._tokens.issue(
            validated.client.client_id, validated.target, validated.confirmation, GRANT_TYPE, origin
        )

    async def _verified(self, client: Client, assertion: str) -> Mapping[str, Any]:
        try:
            unverified = self._foreign.read(assertion)
            issuer = _issuer(client, unverified.claims)
            # The issuer's keys are looked up as a client's own are: by value or by reference, and fetched again.
            signer = replace(client, metadata=issuer.keys)
            claims = (await self._keys.verify(signer, unverified, client.policy.signing_algorithms)).claims
        except UnreadableTokenError as error:
            # RFC 7521 section 4.1.1: "the value of the error parameter MUST be the invalid_grant error code".
            raise InvalidGrantError(reason=f"assertion: {error}") from error
        await self._use(issuer, claims)
        return claims

    async def _use(self, issuer: TrustedIssuer, claims: Mapping[str, Any]) -> None:
        """Claim the `jti`, then look at the times."""
        identifier, now = claims.get("jti"), self._clock.now()
        # Section 3, item 4: "The JWT MUST contain an exp (expiration time) claim". Item 7: the jti, required here.
        expires_at, issued_at = _moment(claims, "exp"), _moment(claims, "iat")
        if not isinstance(identifier, str) or not 0 < len(identifier) <= LONGEST_IDENTIFIER:
            raise InvalidGrantError(reason="assertion without a jti")
        if expires_at is None or issued_at is None or expires_at > now + LONGEST_LIFE:
            raise InvalidGrantError(reason="assertion without iat and exp, or good for too long")
        try:
            await self._marks.use(_MARK, issuer.issuer, identifier, int(issued_at), int(expires_at))
        except ReplayedError as error:
            raise InvalidGrantError(reason=f"assertion: {error}") from error
        not_before = _moment(claims, "nbf") or issued_at
        if now >= expires_at or max(issued_at, not_before) > now + CLOCK_TOLERANCE:
            raise InvalidGrantError(reason="assertion of another time")


def _issuer(client: Client, claims: Mapping[str, Any]) -> TrustedIssuer:
    """Return the trusted issuer that an assertion names, if the subject that it names is this client."""
    for issuer in client.jwt_bearer_issuers:
        # Section 3, items 1 and 2: iss and sub are required; both are compared exactly.
        if issuer.issuer == claims.get("iss") and claims.get("sub") in issuer.subjects:
            return issuer
    raise InvalidGrantError(reason="assertion of an issuer or about a subject that is not registered")


def _texts(value: object) -> list[str]:
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)]


def _moment(claims: Mapping[str, Any], name: str) -> float | None:
    try:
        return read_numeric_date(claims, name)
    except MalformedNumericDateError as error:
        raise InvalidGrantError(reason=f"assertion: {error}") from error
