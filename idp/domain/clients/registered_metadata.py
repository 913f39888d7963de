"""What a client registered under the names of later specifications: one reading of each, typed, with its default.

The document is checked when it is registered; what stands here only says what a name means. Names and defaults: RFC
7591 section 2, OpenID Connect Registration section 2 and whoever else is named at a property.
"""

from collections.abc import Mapping
from typing import Any, Final

from idp.domain.clients.claims_policy import ClaimNames, ClaimsPolicy
from idp.domain.values import dataclass

KEY_ENCRYPTIONS: Final = ("RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A256KW")
"""JWE `alg` (RFC 7518 section 4.1), of answers and of request objects."""

CONTENT_ENCRYPTIONS: Final = ("A128CBC-HS256", "A256CBC-HS512", "A128GCM", "A256GCM")
"""JWE `enc` (RFC 7518 section 5.1)."""

_KEYS: Final = ("jwks", "jwks_uri")
_TLS_SUBJECTS: Final = ("subject_dn", "san_dns", "san_uri", "san_ip", "san_email")


@dataclass(frozen=True, slots=True)
class Encryption:
    """How an answer is encrypted to the client: JWE `alg` and `enc`."""

    algorithm: str
    content: str


@dataclass(frozen=True, slots=True)
class TokenExchangePolicy:
    """What a client may exchange (RFC 8693): tokens of `subjects`, by client identifier, for resources `audiences`."""

    subjects: frozenset[str]
    audiences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """Whose assertions speak for a client (RFC 7523): its `keys` are `jwks` or `jwks_uri`, `subjects` the client."""

    issuer: str
    subjects: tuple[str, ...]
    keys: dict[str, Any]


class RegisteredMetadata:
    """Reads `metadata`, the registered document; the client is one."""

    __slots__ = ()

    metadata: Mapping[str, Any]

    @property
    def serves_organisations(self) -> bool:
        """Whether it asks on whose behalf somebody signs in, also where a request does not say so."""
        return bool(self.metadata.get("serves_organisations"))

    @property
    def jwks(self) -> dict[str, Any] | None:
        """The client's public keys, when it registered them by value."""
        return self.metadata.get("jwks")

    @property
    def jwks_uri(self) -> str | None:
        """Where the client publishes its keys."""
        return self.metadata.get("jwks_uri")

    @property
    def assertion_algorithm(self) -> str | None:
        """The one algorithm of its client assertions; None for any that its method and profile allow."""
        return self.metadata.get("token_endpoint_auth_signing_alg")

    @property
    def tls_subject(self) -> tuple[str, str] | None:
        """RFC 8705 section 2.1.2: the kind (`subject_dn`, `san_dns`, …) and value that its certificate must have."""
        for kind in _TLS_SUBJECTS:
            value = self.metadata.get(f"tls_client_auth_{kind}")
            if value is not None:
                return kind, value
        return None

    @property
    def binds_tokens_to_certificate(self) -> bool:
        """RFC 8705 section 3.4: its access tokens are bound to its certificate."""
        return bool(self.metadata.get("tls_client_certificate_bound_access_tokens"))

    @property
    def binds_tokens_to_proof_key(self) -> bool:
        """RFC 9449 section 5.2: its token requests always carry a DPoP proof."""
        return bool(self.metadata.get("dpop_bound_access_tokens"))

    @property
    def refresh_token_grace(self) -> int:
        """Seconds for which the refresh token used last may be shown once more (ours); 0 for never, 60 at most."""
        return min(max(self.metadata.get("refresh_token_grace_seconds") or 0, 0), 60)

    @property
    def pushes_requests_only(self) -> bool:
        """RFC 9126 section 6: its authorization requests come through the pushed endpoint or not at all."""
        return bool(self.metadata.get("require_pushed_authorization_requests"))

    @property
    def signs_requests_only(self) -> bool:
        """RFC 9101 section 10.5: its authorization requests are signed request objects or nothing."""
        return bool(self.metadata.get("require_signed_request_object"))

    @property
    def request_object_algorithm(self) -> str | None:
        """The one algorithm of its request objects; None for any that its profile allows."""
        return self.metadata.get("request_object_signing_alg")

    @property
    def request_uris(self) -> tuple[str, ...]:
        """Addresses from which its request objects may be fetched, as registered."""
        return tuple(self.metadata.get("request_uris") or ())

    @property
    def authorization_details_types(self) -> frozenset[str]:
        """RFC 9396 section 10: the types of authorization details that it may ask for."""
        return frozenset(self.metadata.get("authorization_details_types") or ())

    @property
    def authorization_response_algorithm(self) -> str:
        """JARM section 3: the algorithm of its authorization responses, RS256 when it registered none."""
        return self.metadata.get("authorization_signed_response_alg") or "RS256"

    @property
    def introspection_response_algorithm(self) -> str | None:
        """RFC 9701 section 6: the algorithm of signed introspection answers; None for plain JSON."""
        return self.metadata.get("introspection_signed_response_alg")

    @property
    def frontchannel_logout_uri(self) -> str | None:
        """OpenID Connect Front-Channel Logout section 2."""
        return self.metadata.get("frontchannel_logout_uri")

    @property
    def ciba_delivery_mode(self) -> str | None:
        """OpenID Connect CIBA section 4: `poll`, `ping` or `push`; None when the client has no such thing."""
        return self.metadata.get("backchannel_token_delivery_mode")

    @property
    def ciba_notification_endpoint(self) -> str | None:
        """Where a `ping` or `push` goes."""
        return self.metadata.get("backchannel_client_notification_endpoint")

    @property
    def ciba_request_algorithm(self) -> str | None:
        """The algorithm of its signed authentication requests; None when it does not sign them."""
        return self.metadata.get("backchannel_authentication_request_signing_alg")

    @property
    def token_exchange(self) -> TokenExchangePolicy | None:
        """Ours: whose tokens it may exchange, and for what; None when it may exchange none."""
        told = self.metadata.get("token_exchange")
        return told and TokenExchangePolicy(frozenset(told["subjects"]), tuple(told["audiences"]))

    @property
    def jwt_bearer_issuers(self) -> tuple[TrustedIssuer, ...]:
        """Ours: whose assertions it may show in place of a secret."""
        return tuple(
            TrustedIssuer(each["issuer"], tuple(each["subjects"]), {key: each[key] for key in _KEYS if each.get(key)})
            for each in self.metadata.get("jwt_bearer_issuers") or ()
        )

    @property
    def claims_policy(self) -> ClaimsPolicy | None:
        """Ours: the claims that may leave for it, each with its terms; None when its scopes alone decide."""
        told = self.metadata.get("claims")
        return None if told is None else ClaimsPolicy(told)

    @property
    def claim_names(self) -> ClaimNames:
        """Ours: by which names it is told claims."""
        told = self.metadata.get("claim_names")
        return ClaimNames.STANDARD if told is None else ClaimNames(told)

    @property
    def register_event_types(self) -> frozenset[str] | None:
        """Ours: the types of events that it may tell as a register; None for every one."""
        told = self.metadata.get("register_event_types")
        return None if told is None else frozenset(told)

    def encryption(self, answer: str) -> Encryption | None:
        """How an answer (`id_token`, `userinfo`, `authorization`, `introspection`) is encrypted; None when it is not.

        The content encryption is A128CBC-HS256 when the client named none (OpenID Connect Registration section 2).
        """
        algorithm = self.metadata.get(f"{answer}_encrypted_response_alg")
        if algorithm is None:
            return None
        return Encryption(algorithm, self.metadata.get(f"{answer}_encrypted_response_enc") or "A128CBC-HS256")
