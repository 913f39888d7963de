"""RFC 6749 section 4.1.3 and OpenID Connect Core section 3.1.3.2: the authorization code grant."""

from typing import Final

from idp.domain.clients.client import Client
from idp.domain.events import Origin
from idp.domain.values import dataclass
from idp.ports.clock import Clock
from idp.protocol.authorize.authorization_details import narrowed
from idp.protocol.authorize.pkce import verify_code_verifier
from idp.protocol.errors import InvalidGrantError, OAuthError
from idp.protocol.resources.resources import ResourceIndicators
from idp.protocol.tokens.authorization_code import AuthorizationCode, AuthorizationCodes, Replayed
from idp.protocol.tokens.new_grant import NewGrants, Reasons
from idp.protocol.tokens.refresh_token import as_public
from idp.protocol.tokens.token import TokenRequest, TokenResponse, required
from idp.protocol.tokens.user_tokens import TokenOrder

GRANT_TYPE: Final = "authorization_code"

_REASONS: Final = Reasons("code was used before", "signed out or locked meanwhile")


@dataclass(frozen=True, slots=True)
class ValidatedCode:
    """A code that was claimed, and everything that it had to match did."""

    order: TokenOrder


class AuthorizationCodeGrant:
    """Redeems codes."""

    def __init__(
        self,
        codes: AuthorizationCodes,
        resources: ResourceIndicators,
        new_grants: NewGrants,
        clock: Clock,
    ) -> None:
        self._codes = codes
        self._resources = resources
        self._new_grants = new_grants
        self._clock = clock

    async def validate(self, client: Client, request: TokenRequest) -> ValidatedCode:
        """Claim the code, then check it; one that fails a check is spent all the same. Raises `OAuthError`.

        A client whose ID tokens cannot be made now has to ask again, and finds its code as it was.
        """
        code = required(request.parameters, "code")
        await self._new_grants.require_keys(client, client.scopes)
        claimed = await self._codes.claim(code, self._clock.now())
        match claimed:
            case None:
                raise InvalidGrantError(reason="unknown or expired code")
            case Replayed(grant_id):
                # RFC 6749 section 4.1.2: "If an authorization code is used more than once, the authorization server
                # MUST deny the request and SHOULD revoke (when possible) all tokens previously issued based on that
                # authorization code."
                await self._new_grants.end_replayed(grant_id, client.client_id, request.origin)
                raise InvalidGrantError(reason=_REASONS.used_before, grant_id=grant_id)
            case AuthorizationCode():
                try:
                    return await self._checked(claimed, client, request)
                except OAuthError as error:
                    error.grant_id = claimed.grant.grant_id
                    raise

    async def _checked(self, claimed: AuthorizationCode, client: Client, request: TokenRequest) -> ValidatedCode:
        grant = claimed.grant
        # RFC 6749 section 4.1.3: "ensure that the authorization code was issued to the authenticated confidential
        # client, or if the client is public, ensure that the code was issued to "client_id" in the request".
        if grant.client_id != client.client_id:
            raise InvalidGrantError(reason="another client's code")
        # RFC 6749 section 4.1.3: "ensure that the "redirect_uri" parameter is present if [it] was included in the
        # initial authorization request [...], and if included ensure that their values are identical." It always was:
        # OpenID Connect Core section 3.1.2.1 requires it, and so does the authorization endpoint here.
        if request.parameters.get("redirect_uri") != claimed.redirect_uri:
            raise InvalidGrantError(reason="redirect_uri differs")
        verify_code_verifier(claimed.code_challenge, request.parameters.get("code_verifier"))
        # RFC 9449 section 10: "the authorization server MUST verify that the JWK Thumbprint of the DPoP proof matches",
        # when the authorization request named one by dpop_jkt.
        proved = request.confirmation.key_thumbprint if request.confirmation else None
        if claimed.key_thumbprint not in {None, proved}:
            raise InvalidGrantError(reason="not the key of dpop_jkt")
        if not grant.is_live(self._clock.now()):
            raise InvalidGrantError(reason="the session ended")
        # Whether the account stands is asked in the very statement that starts the grant.
        target = await self._resources.for_grant(grant, grant.scopes, request.resources)
        target = narrowed(grant, target, request.parameters)
        if client.is_public:
            grant = as_public(grant, request.confirmation, self._clock.now())
        order = TokenOrder(client, grant, grant.scopes, target, GRANT_TYPE, claimed.nonce, request.confirmation)
        return ValidatedCode(order)

    async def issue(self, validated: ValidatedCode, origin: Origin) -> TokenResponse:
        """Start the grant and return its tokens. Raises `InvalidGrantError` when it was started or ended before."""
        return await self._new_grants.start(validated.order, origin, _REASONS)
