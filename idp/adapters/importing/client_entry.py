"""A client as import files write it: registered metadata, and the settings of ours, checked against each other."""

import re
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from idp.adapters.importing.claims_entry import AllowList
from idp.adapters.importing.client_metadata import (
    ClientMetadata,
    JwtBearerIssuer,
    MetadataOfOthers,
    OutgoingUri,
    TokenExchange,
)
from idp.adapters.importing.fields import AgencyCodeField
from idp.adapters.importing.problems import MisplacedValue
from idp.adapters.importing.register_entries import check_scope_token
from idp.domain.accounts.account_lock import RegisterEvent
from idp.domain.clients.client_policy import POLICIES, ClientProfile
from idp.domain.clients.client_secret import SHORTEST_SIGNING_SECRET, SIGNING_METHOD
from idp.domain.clients.client_uris import check_frontchannel_logout_uri, check_origin, check_redirect_uri, sector_hosts
from idp.domain.levels.assurance import ACR_VALUES

GrantType = Literal[
    "authorization_code",
    "refresh_token",
    "client_credentials",
    "implicit",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:token-exchange",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "urn:openid:params:grant-type:ciba",
]
AuthenticationMethod = Literal[
    "client_secret_basic",
    "client_secret_post",
    "client_secret_jwt",
    "private_key_jwt",
    "tls_client_auth",
    "self_signed_tls_client_auth",
    "none",
]

LOCALIZED: Final = ("client_name", "client_uri", "logo_uri", "policy_uri", "tos_uri")
_LOCALIZED_OF_OTHERS: Final = ("organization_name", "description", "information_uri", "organization_uri")
_NOT_IMPORTED: Final = ("software_statement", "registration_access_token", "registration_client_uri")
# RFC 6749 appendix A: client_id and client_secret are of visible ASCII; the rest keeps identifiers legible in a URL.
_CLIENT_ID: Final = re.compile(r"[A-Za-z0-9._~:/-]{1,128}")
_CLIENT_SECRET: Final = re.compile(r"[\x20-\x7e]{1,512}")
_RESPONSE_TYPES: Final = frozenset({"code", "id_token", "token", "none"})


def _check_client_id(value: str) -> str:
    if not _CLIENT_ID.fullmatch(value):
        raise ValueError("must be 1 to 128 letters, digits and . _ ~ : / -")
    return value


def _check_client_secret(value: str) -> str:
    if not _CLIENT_SECRET.fullmatch(value):
        raise ValueError("must be 1 to 512 characters of visible ASCII; best are 43 random ones")
    return value


def _check_response_type(value: str) -> str:
    words = value.split(" ")
    if not set(words) <= _RESPONSE_TYPES or len(set(words)) != len(words) or ("none" in words and len(words) > 1):
        raise ValueError("must be code, or a combination of code, id_token and token")
    return value


def _check_scope(value: str) -> str:
    for token in value.split():
        check_scope_token(token)
    return value


def _check_acr(value: str) -> str:
    if value not in ACR_VALUES:
        raise ValueError(f"must be one of {', '.join(ACR_VALUES)}")
    return value


def _check_register_event(value: str) -> str:
    if value not in [event.value for event in RegisterEvent]:
        raise ValueError("must be an event that registers tell")
    return value


TOKEN_EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
JWT_BEARER: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
CIBA: Final = "urn:openid:params:grant-type:ciba"

RegisterEventType = Annotated[str, AfterValidator(_check_register_event)]
Uris = Annotated[list[Annotated[str, Field(max_length=2048)]], Field(max_length=64)]


class ClientEntry(ClientMetadata, MetadataOfOthers):
    """One client; only `client_id` is required."""

    client_id: Annotated[str, AfterValidator(_check_client_id)]
    client_secret: Annotated[str, AfterValidator(_check_client_secret)] | None = Field(default=None, repr=False)
    application_type: Literal["web", "native"] = "web"
    redirect_uris: Uris = Field(default_factory=list)
    post_logout_redirect_uris: Uris = Field(default_factory=list)
    token_endpoint_auth_method: AuthenticationMethod = "client_secret_basic"
    grant_types: list[GrantType] | None = None
    response_types: list[Annotated[str, AfterValidator(_check_response_type)]] | None = None
    scope: Annotated[str, Field(max_length=4096), AfterValidator(_check_scope)] | None = None
    subject_type: Literal["pairwise", "public"] = "pairwise"
    sector_identifier_uri: OutgoingUri | None = None
    audience: Literal["citizen", "officer", "both"] = "both"
    minimum_acr: Annotated[str, AfterValidator(_check_acr)] = "urn:vn:loa:1"
    skip_consent: bool = False
    profile: Literal["default", "fapi2", "legacy"] = "default"
    require_pkce: bool | None = None
    allowed_origins: Annotated[list[Annotated[str, AfterValidator(check_origin)]], Field(max_length=16)] | None = None
    refresh_token_grace_seconds: Annotated[int, Field(ge=0, le=60)] | None = None

    claims: AllowList | None = None
    claim_names: Literal["standard", "national_portal"] | None = None
    serves_organisations: bool | None = None
    scim_agency: AgencyCodeField | None = None
    register_event_types: Annotated[list[RegisterEventType], Field(min_length=1, max_length=64)] | None = None
    token_exchange: TokenExchange | None = None
    jwt_bearer_issuers: Annotated[list[JwtBearerIssuer], Field(max_length=16)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _refuse_registration(cls, values: Any) -> Any:  # noqa: ANN401 - whatever the file holds
        """Refuse what would not be so: no file's statement is verified, and no client manages an operator's entry."""
        for name in _NOT_IMPORTED:
            if isinstance(values, dict) and name in values:
                raise MisplacedValue([name], "belongs to dynamic registration, and stands in no file")
        return values

    @model_validator(mode="before")
    @classmethod
    def _gather_languages(cls, values: Any) -> Any:  # noqa: ANN401 - whatever the file holds
        """Fold `client_name#vi` and its like into one mapping by language (RFC 7591 section 2.2)."""
        if not isinstance(values, dict):
            return values
        gathered = dict(values)
        localized = LOCALIZED + _LOCALIZED_OF_OTHERS
        for key in [key for key in values if isinstance(key, str) and key.partition("#")[0] in localized]:
            name, tagged, language = key.partition("#")
            if not tagged:
                continue
            texts = gathered.get(name, {})
            texts = {"": texts} if isinstance(texts, str) else texts
            if not isinstance(texts, dict) or language in texts:
                raise ValueError(f"{name} is given twice for one language")
            gathered[name] = {**texts, language: gathered.pop(key)}
        return gathered

    @model_validator(mode="after")
    def _agree(self) -> Self:
        self._check_addresses()
        self._check_authentication()
        self._check_encryption()
        self._check_grants()
        self._check_machine_grants()
        self._check_pkce()
        self._check_profile()
        return self

    def grants(self) -> frozenset[str]:
        """Return the grant types in force: `authorization_code` where none were told (RFC 7591 section 2)."""
        return frozenset(self.grant_types if self.grant_types is not None else ["authorization_code"])

    def responses(self) -> frozenset[str]:
        """Return the response types in force: `code` where none were told and the grant is there."""
        if self.response_types is not None:
            return frozenset(self.response_types)
        return frozenset({"code"}) if "authorization_code" in self.grants() else frozenset()

    def _check_addresses(self) -> None:
        for name in ("redirect_uris", "post_logout_redirect_uris"):
            for position, uri in enumerate(getattr(self, name)):
                try:
                    check_redirect_uri(uri, native=self.application_type == "native")
                except ValueError as error:
                    raise MisplacedValue([name, position], str(error)) from None
        if self.frontchannel_logout_uri is not None:
            check_frontchannel_logout_uri(self.frontchannel_logout_uri, self.redirect_uris)
        # OpenID Connect Core section 8.1: with several hosts the client "MUST register a sector_identifier_uri".
        sectors = {self.sector_identifier_uri} if self.sector_identifier_uri else sector_hosts(self.redirect_uris)
        if self.subject_type == "pairwise" and len(sectors) > 1:
            raise ValueError("subject_type pairwise needs a sector_identifier_uri: redirect_uris name several hosts")

    def _check_authentication(self) -> None:
        method = self.token_endpoint_auth_method
        if self.jwks is not None and self.jwks_uri is not None:
            # RFC 7591 section 2: "The jwks_uri and jwks parameters MUST NOT both be present".
            raise ValueError("give jwks or jwks_uri, not both")
        if self.client_secret is not None and not method.startswith("client_secret_"):
            raise ValueError(f"token_endpoint_auth_method {method} takes no client_secret")
        secret = self.client_secret
        if method == SIGNING_METHOD and secret is not None and len(secret.encode()) < SHORTEST_SIGNING_SECRET:
            raise ValueError(f"token_endpoint_auth_method {method} needs a client_secret of 32 characters or more")
        if method in {"private_key_jwt", "self_signed_tls_client_auth"} and not (self.jwks or self.jwks_uri):
            raise ValueError(f"token_endpoint_auth_method {method} needs jwks or jwks_uri")
        subjects = [name for name in type(self).model_fields if name.startswith("tls_client_auth_s")]
        told = sum(getattr(self, name) is not None for name in subjects)
        # RFC 8705 section 2.1.2: "A client using the tls_client_auth authentication method MUST use exactly one".
        if told != (method == "tls_client_auth"):
            raise ValueError("exactly one tls_client_auth_… subject goes with tls_client_auth, and none with another")

    def _check_encryption(self) -> None:
        for answer in ("id_token", "userinfo", "introspection", "authorization"):
            algorithm = getattr(self, f"{answer}_encrypted_response_alg")
            if algorithm is not None and not (self.jwks or self.jwks_uri):
                raise ValueError(f"{answer}_encrypted_response_alg needs jwks or jwks_uri")
            # OpenID Connect Registration section 2: when the `enc` is included, the `alg` "MUST also be provided".
            if algorithm is None and getattr(self, f"{answer}_encrypted_response_enc") is not None:
                raise ValueError(f"{answer}_encrypted_response_enc needs {answer}_encrypted_response_alg")

    def _check_grants(self) -> None:
        grants, words = self.grants(), {word for value in self.responses() for word in value.split(" ")}
        if "code" in words and "authorization_code" not in grants:
            raise ValueError("response type code needs the grant type authorization_code")
        if words & {"id_token", "token"} and "implicit" not in grants:
            raise ValueError("response types id_token and token need the grant type implicit")
        if "client_credentials" in grants and self.token_endpoint_auth_method == "none":
            # RFC 6749 section 4.4: "MUST only be used by confidential clients".
            raise ValueError("the grant type client_credentials is not for public clients")

    def _check_machine_grants(self) -> None:
        """What goes with the grants that need more than their name: whose tokens, by whose word, how it is told."""
        grants, public = self.grants(), self.token_endpoint_auth_method == "none"
        if (TOKEN_EXCHANGE in grants) != (self.token_exchange is not None) or (self.token_exchange and public):
            raise ValueError("token_exchange goes with the grant type of token exchange, of a client with credentials")
        if (JWT_BEARER in grants) != bool(self.jwt_bearer_issuers):
            raise ValueError("jwt_bearer_issuers goes with the grant type jwt-bearer")
        mode = self.backchannel_token_delivery_mode
        if (CIBA in grants) != (mode is not None) or (mode and public):
            raise ValueError("backchannel_token_delivery_mode goes with the grant type ciba, and with credentials")
        # OpenID Connect CIBA Core section 4: the endpoint is required of clients that are told.
        if mode in {"ping", "push"} and self.backchannel_client_notification_endpoint is None:
            raise ValueError(f"backchannel_token_delivery_mode {mode} needs a backchannel_client_notification_endpoint")

    def _check_profile(self) -> None:
        policy = POLICIES[ClientProfile(self.profile)]
        if self.token_endpoint_auth_method not in policy.authentication_methods:
            allowed = ", ".join(sorted(policy.authentication_methods))
            raise ValueError(f"the profile {self.profile} wants token_endpoint_auth_method {allowed}")
        answers = ("id_token", "userinfo", "introspection", "authorization")
        for name in (*(f"{answer}_signed_response_alg" for answer in answers), "request_object_signing_alg"):
            algorithm = getattr(self, name)
            if algorithm is not None and algorithm not in policy.signing_algorithms:
                raise ValueError(f"{name} {algorithm} is not for the profile {self.profile}")

    def _check_pkce(self) -> None:
        public = self.token_endpoint_auth_method == "none"
        if self.require_pkce is False and (public or self.profile == "fapi2"):
            raise ValueError("require_pkce cannot be switched off for public clients and the profile fapi2")
