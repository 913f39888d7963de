"""Client metadata under its registered names: the IANA registry of RFC 7591.

Values of features that have not landed are checked for their form, kept and ignored; another name is refused.
"""

from ipaddress import ip_address
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from idp.adapters.importing.client_keys import check_key_set
from idp.adapters.importing.fields import BrowserUri, Entry, LongText, ShortText, check_language_tag
from idp.domain.authenticators.distinguished_name import read_distinguished_name
from idp.domain.clients.client_uris import check_outgoing_uri
from idp.domain.grants.authorization_detail_types import DETAIL_TYPES
from idp.domain.levels.assurance import ACR_VALUES, RESISTANCE_VALUES

SigningAlgorithm = Literal["RS256", "ES256", "PS256", "EdDSA"]
# One list each, not lists beside each other: a refusal names the member and all that may stand there.
RequestAlgorithm = Literal[SigningAlgorithm, "Ed25519"]
AssertionAlgorithm = Literal[RequestAlgorithm, "HS256"]
KeyEncryption = Literal["RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A256KW"]
ContentEncryption = Literal["A128CBC-HS256", "A256CBC-HS512", "A128GCM", "A256GCM"]
OutgoingUri = Annotated[str, AfterValidator(check_outgoing_uri)]
KeySet = Annotated[dict[str, Any], AfterValidator(check_key_set)]
Texts = Annotated[list[ShortText], Field(max_length=64)]


def localized(value: Any) -> Any:  # noqa: ANN401 - whatever the file holds
    """Return text as a mapping by language, the empty tag standing for any."""
    return {"": value} if isinstance(value, str) else value


def _check_language(value: str) -> str:
    return value and check_language_tag(value)


Language = Annotated[str, AfterValidator(_check_language)]
LocalizedText = Annotated[dict[Language, ShortText], BeforeValidator(localized), Field(min_length=1, max_length=16)]
LocalizedLongText = Annotated[dict[Language, LongText], BeforeValidator(localized), Field(min_length=1, max_length=16)]
LocalizedUri = Annotated[dict[Language, BrowserUri], BeforeValidator(localized), Field(min_length=1, max_length=16)]


def _check_subject(value: str) -> str:
    read_distinguished_name(value)
    return value


def _check_address(value: str) -> str:
    try:
        ip_address(value)
    except ValueError:
        raise ValueError("must be an IP address") from None
    return value


def _never(moment: int) -> int:
    # RFC 7591 section 3.2.1: "or 0 if it will not expire". Any other moment would be promised and not kept.
    if moment:
        raise ValueError("must be 0: secrets of imported clients do not expire")
    return moment


def _known_acr(value: str) -> str:
    if value not in ACR_VALUES and value not in RESISTANCE_VALUES:
        raise ValueError(f"must be one of {', '.join((*ACR_VALUES, *RESISTANCE_VALUES))}")
    return value


class DescriptiveMetadata(Entry):
    """Who the client is: RFC 7591 section 2, in several languages by section 2.2."""

    client_name: LocalizedText | None = None
    client_uri: LocalizedUri | None = None
    logo_uri: LocalizedUri | None = None
    policy_uri: LocalizedUri | None = None
    tos_uri: LocalizedUri | None = None
    contacts: Texts | None = None
    software_id: ShortText | None = None
    software_version: ShortText | None = None


class KeyMetadata(Entry):
    """How the client proves itself: RFC 7591 section 2, OpenID Connect Registration, RFC 8705."""

    token_endpoint_auth_signing_alg: AssertionAlgorithm | None = None
    jwks: KeySet | None = None
    jwks_uri: OutgoingUri | None = None
    tls_client_auth_subject_dn: Annotated[ShortText, AfterValidator(_check_subject)] | None = None
    tls_client_auth_san_dns: ShortText | None = None
    tls_client_auth_san_uri: ShortText | None = None
    tls_client_auth_san_ip: Annotated[ShortText, AfterValidator(_check_address)] | None = None
    tls_client_auth_san_email: ShortText | None = None
    tls_client_certificate_bound_access_tokens: bool | None = None


class LogoutMetadata(Entry):
    """RP-Initiated, Front-Channel and Back-Channel Logout 1.0, whose address lists are checked with the redirects."""

    frontchannel_logout_uri: BrowserUri | None = None
    frontchannel_logout_session_required: bool | None = None
    backchannel_logout_uri: OutgoingUri | None = None
    backchannel_logout_session_required: bool | None = None


class TokenMetadata(Entry):
    """What answers look like: OpenID Connect Registration section 2, RFC 9701, JARM section 3."""

    id_token_signed_response_alg: SigningAlgorithm | None = None
    id_token_encrypted_response_alg: KeyEncryption | None = None
    id_token_encrypted_response_enc: ContentEncryption | None = None
    userinfo_signed_response_alg: SigningAlgorithm | None = None
    userinfo_encrypted_response_alg: KeyEncryption | None = None
    userinfo_encrypted_response_enc: ContentEncryption | None = None
    introspection_signed_response_alg: SigningAlgorithm | None = None
    introspection_encrypted_response_alg: KeyEncryption | None = None
    introspection_encrypted_response_enc: ContentEncryption | None = None
    authorization_signed_response_alg: SigningAlgorithm | None = None
    authorization_encrypted_response_alg: KeyEncryption | None = None
    authorization_encrypted_response_enc: ContentEncryption | None = None
    default_max_age: Annotated[int, Field(ge=0, le=2**31)] | None = None
    require_auth_time: bool | None = None
    default_acr_values: Annotated[list[Annotated[str, AfterValidator(_known_acr)]], Field(max_length=64)] | None = None


def known_detail_type(name: str) -> str:
    """Return the name of a type of authorization details (RFC 9396 section 10). Raises `ValueError`."""
    if name not in DETAIL_TYPES:
        raise ValueError(f"none of {', '.join(sorted(DETAIL_TYPES))}")
    return name


DetailTypeName = Annotated[str, AfterValidator(known_detail_type)]


class RequestMetadata(Entry):
    """What requests look like: OpenID Connect Registration, RFC 9101, 9126, 9396, 9449 and CIBA section 4."""

    request_uris: Annotated[list[BrowserUri], Field(max_length=64)] | None = None
    request_object_signing_alg: RequestAlgorithm | None = None
    request_object_encryption_alg: KeyEncryption | None = None
    request_object_encryption_enc: ContentEncryption | None = None
    require_signed_request_object: bool | None = None
    require_pushed_authorization_requests: bool | None = None
    authorization_details_types: Annotated[list[DetailTypeName], Field(max_length=16)] | None = None
    dpop_bound_access_tokens: bool | None = None
    initiate_login_uri: BrowserUri | None = None
    backchannel_token_delivery_mode: Literal["poll", "ping", "push"] | None = None
    backchannel_client_notification_endpoint: OutgoingUri | None = None
    backchannel_authentication_request_signing_alg: RequestAlgorithm | None = None
    backchannel_user_code_parameter: bool | None = None


class TokenExchange(Entry):
    """Ours: the tokens of which clients may be exchanged, for which resources (RFC 8693)."""

    subjects: Annotated[list[ShortText], Field(min_length=1, max_length=64)]
    audiences: Annotated[list[ShortText], Field(min_length=1, max_length=64)]


class JwtBearerIssuer(Entry):
    """Ours: whose assertions speak for the client, and as which subjects (RFC 7523)."""

    issuer: ShortText
    subjects: Annotated[list[ShortText], Field(min_length=1, max_length=64)]
    jwks: KeySet | None = None
    jwks_uri: OutgoingUri | None = None

    @model_validator(mode="after")
    def _has_keys(self) -> Self:
        if (self.jwks is None) == (self.jwks_uri is None):
            raise ValueError("give jwks or jwks_uri, and one of them alone")
        return self


class MetadataOfOthers(Entry):
    """Registered names of what this is no part of, which changes nothing here: whoever reads them is told them again.

    UMA 2.0, ETSI GS NFV-SEC 022, OpenID Federation 1.0 sections 5.1.2 and 5.2, FAPI 2.0 section 5.2.2.1.1, OpenID for
    Verifiable Presentations sections 5.1 and 11.1; and RFC 7591 section 3.2.1, as a client information response of
    another server has it.
    """

    claims_redirect_uris: Texts | None = None
    nfv_token_signed_response_alg: ShortText | None = None
    nfv_token_encrypted_response_alg: ShortText | None = None
    nfv_token_encrypted_response_enc: ShortText | None = None
    client_registration_types: Texts | None = None
    signed_jwks_uri: BrowserUri | None = None
    organization_name: LocalizedText | None = None
    description: LocalizedLongText | None = None
    keywords: Texts | None = None
    information_uri: LocalizedUri | None = None
    organization_uri: LocalizedUri | None = None
    use_mtls_endpoint_aliases: bool | None = None
    encrypted_response_enc_values_supported: Texts | None = None
    vp_formats_supported: Annotated[dict[ShortText, dict[str, Any]], Field(max_length=64)] | None = None
    client_id_issued_at: Annotated[int, Field(ge=0, le=2**53)] | None = None
    client_secret_expires_at: Annotated[int, AfterValidator(_never)] | None = None


class ClientMetadata(DescriptiveMetadata, KeyMetadata, LogoutMetadata, TokenMetadata, RequestMetadata):
    """Every registered name whose value stands for itself; the entry adds those that depend on each other."""
