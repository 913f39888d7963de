"""RFC 6749 sections 4.1.2.1 and 5.2, OpenID Connect Core section 3.1.2.6: one class per error code.

`OAuthError`
 ├── InvalidRequestError, InvalidClientError, InvalidGrantError, UnauthorizedClientError, UnsupportedGrantTypeError,
 │   InvalidScopeError, UnsupportedResponseTypeError, AccessDeniedError, TemporarilyUnavailableError
 ├── LoginRequiredError, ConsentRequiredError, RequestNotSupportedError, RequestUriNotSupportedError,
 │   RegistrationNotSupportedError, UnmetAuthenticationRequirementsError
 ├── InvalidRequestUriError, InvalidRequestObjectError (RFC 9101)
 ├── InvalidAuthorizationDetailsError (RFC 9396)
 ├── InvalidTargetError (RFC 8707)
 ├── InvalidDpopProofError, UseDpopNonceError (RFC 9449)
 ├── InvalidTokenError, InsufficientScopeError (RFC 6750)
 └── InsufficientUserAuthenticationError (RFC 9470)

The description is public and fixed by the class or the caller's literal; `reason` is a private detail for the audit
trail and never leaves.
"""

from typing import ClassVar

from idp.domain.ids import ClientId, GrantId


class OAuthError(Exception):
    """An error with its registered code, a public description and the HTTP status where it is answered directly.

    `client_id` and `grant_id` name, for the audit trail, a registered client and a grant that the error is about.
    """

    code: ClassVar[str] = "server_error"
    status: ClassVar[int] = 400
    default: ClassVar[str] = "The request cannot be answered."
    scheme: str = "Bearer"
    """How the access token was sent, for the challenge of a resource."""

    def __init__(
        self,
        description: str = "",
        *,
        reason: str = "",
        client_id: ClientId | None = None,
        grant_id: GrantId | None = None,
    ) -> None:
        self.description = description or self.default
        self.reason = reason or self.description
        self.client_id = client_id
        self.grant_id = grant_id
        super().__init__(self.reason)


class InvalidRequestError(OAuthError):
    """A parameter is missing, repeated or malformed."""

    code = "invalid_request"
    default = "A parameter is missing, repeated or malformed."


class InvalidClientError(OAuthError):
    """Client authentication failed; one description for every cause, so that nothing can be probed."""

    code = "invalid_client"
    status = 401
    default = "Client authentication failed."


class InvalidGrantError(OAuthError):
    """The code or refresh token is unknown, expired, used, revoked, or another client's."""

    code = "invalid_grant"
    default = "The grant is invalid, expired or was used before."


class UnauthorizedClientError(OAuthError):
    """The client may not use this grant or response type."""

    code = "unauthorized_client"
    default = "This client may not use this grant or response type."


class UnsupportedGrantTypeError(OAuthError):
    """No such grant here."""

    code = "unsupported_grant_type"
    default = "This grant type is not supported."


class InvalidScopeError(OAuthError):
    """A scope is unknown, or more than was granted."""

    code = "invalid_scope"
    default = "The scope is unknown or exceeds what was granted."


class InvalidTargetError(OAuthError):
    """RFC 8707 section 2: the resource is unknown, malformed, or was not part of the grant."""

    code = "invalid_target"
    default = "The resource is unknown or was not granted."


class InvalidDpopProofError(OAuthError):
    """RFC 9449 section 5: the proof of possession is missing, malformed, too old, replayed or another request's."""

    code = "invalid_dpop_proof"
    scheme = "DPoP"
    default = "The DPoP proof is missing or does not fit the request."


class UseDpopNonceError(OAuthError):
    """RFC 9449 section 8: the proof must carry `nonce`, which is told with the error."""

    code = "use_dpop_nonce"
    scheme = "DPoP"
    default = "The DPoP proof must carry the nonce that this answer gives."

    def __init__(self, nonce: str = "") -> None:
        super().__init__(reason="no current nonce in the proof")
        self.nonce = nonce


class UnsupportedResponseTypeError(OAuthError):
    """Only `code` unless the deployment allows more."""

    code = "unsupported_response_type"
    default = "This response type is not supported."


class AccessDeniedError(OAuthError):
    """The person or a rule said no."""

    code = "access_denied"
    status = 403
    default = "Access was denied."


class TemporarilyUnavailableError(OAuthError):
    """Too much to do; try again in `retry_after` seconds."""

    code = "temporarily_unavailable"
    status = 503
    default = "The service is busy; try again shortly."
    retry_after: int = 1


class NoSigningKeyError(TemporarilyUnavailableError):
    """Nothing signs by the algorithm that the client registered: an operator has to make a key."""

    default = "There is no key for the algorithm that the client registered."


class LoginRequiredError(OAuthError):
    """`prompt=none`, and nobody suitable is signed in."""

    code = "login_required"
    default = "Nobody is signed in as required."


class ConsentRequiredError(OAuthError):
    """`prompt=none`, and the person did not agree yet."""

    code = "consent_required"
    default = "The person has not agreed yet."


class InteractionRequiredError(OAuthError):
    """`prompt=none`, and the person has to choose something."""

    code = "interaction_required"
    default = "The person has to choose on whose behalf to act."


class RequestNotSupportedError(OAuthError):
    """OpenID Connect Core section 6: a request object of a kind that is not supported, an unsigned one above all."""

    code = "request_not_supported"
    default = "Unsigned request objects are not supported."


class RequestUriNotSupportedError(OAuthError):
    """OpenID Connect Core section 6.2: this client registered no address for its request objects."""

    code = "request_uri_not_supported"
    default = "The client registered no request_uris."


class InvalidRequestUriError(OAuthError):
    """RFC 9101 section 7, RFC 9126 section 4: the reference is unknown, expired, spent, or leads to nothing usable."""

    code = "invalid_request_uri"
    default = "The request_uri is unknown, expired or was used before."


class InvalidRequestObjectError(OAuthError):
    """RFC 9101 section 7: the request object does not verify, or its content is wrong."""

    code = "invalid_request_object"
    default = "The request object is invalid."


class InvalidAuthorizationDetailsError(OAuthError):
    """RFC 9396 section 5: a detail is of an unknown type, malformed, or more than was granted."""

    code = "invalid_authorization_details"
    default = "The authorization_details are malformed, of an unknown type, or exceed what was granted."


class RegistrationNotSupportedError(OAuthError):
    """The `registration` parameter is not supported."""

    code = "registration_not_supported"
    default = "The registration parameter is not supported."


class InvalidRedirectUriError(OAuthError):
    """RFC 7591 section 3.2.2: a redirection address that may not be registered."""

    code = "invalid_redirect_uri"
    default = "A redirect_uri cannot be registered."


class InvalidClientMetadataError(OAuthError):
    """RFC 7591 section 3.2.2: metadata that may not be registered."""

    code = "invalid_client_metadata"
    default = "The client metadata cannot be registered."


class InvalidSoftwareStatementError(OAuthError):
    """RFC 7591 section 3.2.2: the software statement does not verify."""

    code = "invalid_software_statement"
    default = "The software statement is invalid."


class UnapprovedSoftwareStatementError(OAuthError):
    """RFC 7591 section 3.2.2: whoever issued the software statement is not trusted here."""

    code = "unapproved_software_statement"
    default = "The issuer of the software statement is not approved here."


class UnmetAuthenticationRequirementsError(OAuthError):
    """OpenID Connect Core Error Code unmet_authentication_requirements: an essential `acr` cannot be met."""

    code = "unmet_authentication_requirements"
    default = "The required authentication level cannot be met."


class InvalidTokenError(OAuthError):
    """RFC 6750 section 3.1: the access token is expired, revoked, malformed or meant for somebody else."""

    code = "invalid_token"
    status = 401
    default = "The access token is expired, revoked or malformed."


class InsufficientScopeError(OAuthError):
    """RFC 6750 section 3.1: the access token does not reach this far."""

    code = "insufficient_scope"
    status = 403
    default = "The access token does not have the required scope."
    scope = "openid"
    """What the token would need; for the challenge."""


class InsufficientUserAuthenticationError(OAuthError):
    """RFC 9470 section 3: the sign-in behind the token proved less than this resource asks for."""

    code = "insufficient_user_authentication"
    status = 401
    default = "A stronger or a fresher sign-in is required."
    acr_values = "urn:vn:loa:2"
    """What the sign-in has to prove, for the challenge."""
    max_age: int | None = None
    """Seconds that the sign-in may lie back, None for any."""
