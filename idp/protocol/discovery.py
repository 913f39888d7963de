"""OpenID Connect Discovery section 3 and RFC 8414 section 2: provider metadata; only what is true now."""

from typing import Final

import msgspec

from idp.domain.clients.client import SubjectType
from idp.domain.clients.client_policy import POLICIES, ClientProfile
from idp.domain.clients.registered_metadata import CONTENT_ENCRYPTIONS, KEY_ENCRYPTIONS
from idp.domain.grants.authorization_detail_types import DETAIL_TYPES
from idp.domain.levels.assurance import Reach, supported_acr_values
from idp.ports.keys import TokenSigner
from idp.protocol.authorize import front_channel
from idp.protocol.authorize.check_parameters import PROMPTS
from idp.protocol.authorize.check_target import RESPONSE_MODES
from idp.protocol.authorize.pkce import S256
from idp.protocol.ciba.authentication import DELIVERY_MODES
from idp.protocol.ciba.authentication import PATH as BACKCHANNEL_AUTHENTICATION_PATH
from idp.protocol.claims import authority_claims, verified_claims
from idp.protocol.claims.scopes import PROVIDER_SCOPES, RELEASABLE_CLAIMS
from idp.protocol.clients.client_assertion import SECRET_ALGORITHM
from idp.protocol.clients.client_authentication import METHODS, NONE
from idp.protocol.decoupled.device_authorization import PATH as DEVICE_AUTHORIZATION_PATH
from idp.protocol.grants import (
    authorization_code,
    ciba,
    client_credentials,
    device_code,
    jwt_bearer,
    refresh_token,
    token_exchange,
)
from idp.protocol.registration.information import REGISTRATION_PATH
from idp.protocol.senders import dpop

OPENID_CONFIGURATION_PATH: Final = "/.well-known/openid-configuration"
OAUTH_METADATA_PATH: Final = "/.well-known/oauth-authorization-server"
JWKS_PATH: Final = "/jwks"
AUTHORIZATION_PATH: Final = "/authorize"
PUSHED_AUTHORIZATION_PATH: Final = "/par"
TOKEN_PATH: Final = "/token"
USERINFO_PATH: Final = "/userinfo"
INTROSPECTION_PATH: Final = "/introspect"
REVOCATION_PATH: Final = "/revoke"
END_SESSION_PATH: Final = "/logout"
CHECK_SESSION_PATH: Final = "/check-session"
POLICY_PATH: Final = "/privacy"
TERMS_PATH: Final = "/terms"

GRANT_TYPES: Final = (
    authorization_code.GRANT_TYPE,
    refresh_token.GRANT_TYPE,
    client_credentials.GRANT_TYPE,
    device_code.GRANT_TYPE,
    ciba.GRANT_TYPE,
    token_exchange.GRANT_TYPE,
    jwt_bearer.GRANT_TYPE,
)

_ASSERTION_ALGORITHMS: Final = (*sorted(POLICIES[ClientProfile.DEFAULT].signing_algorithms), SECRET_ALGORITHM)
_CLAIMS_LOCALES: Final = ("vi",)
_SIGNED_ANSWERS: Final = ("id_token", "userinfo", "introspection", "authorization")
_ABOUT_THE_SIGN_IN: Final = ("sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid")


class ProviderMetadata:
    """The metadata document, the same for both well-known addresses; made again only when a new kind of key appears."""

    def __init__(
        self,
        issuer: str,
        signer: TokenSigner,
        locales: tuple[str, ...],
        *,
        legacy: bool,
        reach: Reach,
    ) -> None:
        """`locales` are those of the pages, as BCP 47 tags; `legacy`: the authorization endpoint may return tokens.

        `reach`: what this installation's methods of signing in can prove.
        """
        self._reach = reach
        self._legacy = legacy
        self._issuer = issuer
        self._signer = signer
        self._locales = locales
        self._algorithms: tuple[str, ...] = ()
        self._document = b""

    def document(self) -> bytes:
        """Return the JSON document."""
        algorithms = self._signer.algorithms()
        if algorithms != self._algorithms:
            self._document = msgspec.json.encode({**self._endpoints(), **self._capabilities(algorithms)})
            self._algorithms = algorithms
        return self._document

    def _endpoints(self) -> dict[str, str]:
        # OpenID Connect Discovery section 3: the issuer "MUST be identical to the issuer URL used to find it".
        return {
            "issuer": self._issuer,
            "authorization_endpoint": self._issuer + AUTHORIZATION_PATH,
            "pushed_authorization_request_endpoint": self._issuer + PUSHED_AUTHORIZATION_PATH,
            "token_endpoint": self._issuer + TOKEN_PATH,
            "userinfo_endpoint": self._issuer + USERINFO_PATH,
            "device_authorization_endpoint": self._issuer + DEVICE_AUTHORIZATION_PATH,
            "backchannel_authentication_endpoint": self._issuer + BACKCHANNEL_AUTHENTICATION_PATH,
            "introspection_endpoint": self._issuer + INTROSPECTION_PATH,
            "revocation_endpoint": self._issuer + REVOCATION_PATH,
            "end_session_endpoint": self._issuer + END_SESSION_PATH,
            "check_session_iframe": self._issuer + CHECK_SESSION_PATH,
            "registration_endpoint": self._issuer + REGISTRATION_PATH,
            "jwks_uri": self._issuer + JWKS_PATH,
            # OpenID Connect Discovery section 3: "the OP's requirements on how the Relying Party can use the data".
            "op_policy_uri": self._issuer + POLICY_PATH,
            # "a URL that the OpenID Provider provides to the person registering the Client to read about the OP's terms
            # of service".
            "op_tos_uri": self._issuer + TERMS_PATH,
        }

    def _capabilities(self, algorithms: tuple[str, ...]) -> dict[str, object]:
        """Return what is supported; a feature has its entries in one place."""
        return {
            **self._people(),
            **verified_claims.metadata(),
            **authority_claims.metadata(),
            **_requests(legacy=self._legacy),
            **_answers(algorithms),
            **_clients(),
            **_backchannel_authentication(),
            **_logout(),
            # RFC 9728 section 4: the resources that tokens of this server are for, as far as they are its own.
            "protected_resources": [self._issuer],
        }

    def _people(self) -> dict[str, object]:
        """Who signs in, how, and what is told about them."""
        return {
            "scopes_supported": PROVIDER_SCOPES,
            "claims_supported": (*_ABOUT_THE_SIGN_IN, *sorted(RELEASABLE_CLAIMS)),
            "claim_types_supported": ["normal"],
            "claims_parameter_supported": True,
            # OpenID Connect Core section 5.2: what is known of people is known in one language, so that any
            # `claims_locales` gets it, without tags.
            "claims_locales_supported": _CLAIMS_LOCALES,
            "acr_values_supported": supported_acr_values(self._reach),
            "prompt_values_supported": sorted(PROMPTS),
            "display_values_supported": ["page"],
            "ui_locales_supported": self._locales,
            "subject_types_supported": [kind.value for kind in SubjectType],
        }


def _requests(*, legacy: bool) -> dict[str, object]:
    """What an authorization request may look like, and what it may ask for."""
    policy = POLICIES[ClientProfile.LEGACY if legacy else ClientProfile.DEFAULT]
    return {
        "response_types_supported": sorted(policy.response_types),
        "response_modes_supported": RESPONSE_MODES,
        "grant_types_supported": (*GRANT_TYPES, front_channel.GRANT_TYPE) if legacy else GRANT_TYPES,
        "code_challenge_methods_supported": [S256],
        "authorization_response_iss_parameter_supported": True,
        # RFC 9396 section 10.
        "authorization_details_types_supported": sorted(DETAIL_TYPES),
        "request_parameter_supported": True,
        # OpenID Connect Discovery section 3, require_request_uri_registration: "pre-registration is REQUIRED".
        "request_uri_parameter_supported": True,
        "require_request_uri_registration": True,
        "request_object_signing_alg_values_supported": sorted(POLICIES[ClientProfile.DEFAULT].signing_algorithms),
        "request_object_encryption_alg_values_supported": KEY_ENCRYPTIONS,
        "request_object_encryption_enc_values_supported": CONTENT_ENCRYPTIONS,
    }


def _answers(algorithms: tuple[str, ...]) -> dict[str, object]:
    """How ID tokens, userinfo, introspection and authorization responses (JARM) are signed and encrypted."""
    return {
        # Discovery section 3: "The algorithm RS256 MUST be included."
        **{f"{answer}_signing_alg_values_supported": algorithms for answer in _SIGNED_ANSWERS},
        **{f"{answer}_encryption_alg_values_supported": KEY_ENCRYPTIONS for answer in _SIGNED_ANSWERS},
        **{f"{answer}_encryption_enc_values_supported": CONTENT_ENCRYPTIONS for answer in _SIGNED_ANSWERS},
    }


def _clients() -> dict[str, object]:
    """How clients prove who they are."""
    return {
        "token_endpoint_auth_methods_supported": METHODS,
        "token_endpoint_auth_signing_alg_values_supported": _ASSERTION_ALGORITHMS,
        "revocation_endpoint_auth_methods_supported": METHODS,
        "revocation_endpoint_auth_signing_alg_values_supported": _ASSERTION_ALGORITHMS,
        "introspection_endpoint_auth_methods_supported": [method for method in METHODS if method != NONE],
        "introspection_endpoint_auth_signing_alg_values_supported": _ASSERTION_ALGORITHMS,
        "dpop_signing_alg_values_supported": dpop.SIGNING_ALGORITHMS,
        "tls_client_certificate_bound_access_tokens": True,
    }


def _backchannel_authentication() -> dict[str, object]:
    """OpenID Connect CIBA Core section 4."""
    return {
        "backchannel_token_delivery_modes_supported": DELIVERY_MODES,
        "backchannel_authentication_request_signing_alg_values_supported": sorted(
            POLICIES[ClientProfile.DEFAULT].signing_algorithms
        ),
        "backchannel_user_code_parameter_supported": False,
    }


def _logout() -> dict[str, object]:
    """How clients hear of the end of a session."""
    return {
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "frontchannel_logout_supported": True,
        "frontchannel_logout_session_supported": True,
    }
