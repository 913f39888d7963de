"""What a client that registers itself may claim: one table, the same for everybody; the rest is for administrators."""

from collections.abc import Mapping
from dataclasses import field
from types import MappingProxyType
from typing import Any, Final

from idp.domain.clients.client_policy import POLICIES, ClientProfile
from idp.domain.ids import Seconds, TokenHash
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class Registration:
    """How a client came to be registered, and what lets it manage its registration (RFC 7592).

    `token_id` names the initial access token, `statement_issuer` who signed the `software_statement`. `deleted` once
    the client deleted itself, which nobody undoes.
    """

    access_token_hash: TokenHash = field(repr=False)
    registered_at: Seconds
    token_id: str | None = None
    statement_issuer: str | None = None
    software_statement: str | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class RegistrationPolicy:
    """What may be claimed. `fixed` is what every such client gets, and none may claim otherwise."""

    scopes: frozenset[str]
    grant_types: frozenset[str]
    authentication_methods: frozenset[str]
    profiles: frozenset[ClientProfile]
    fixed: Mapping[str, Any]
    detail_types: frozenset[str]


class RefusedMetadata(Exception):
    """Client metadata that may not be registered. `name` is the registered name at fault, `reason` a plain phrase."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name
        self.reason = reason


SELF_REGISTERED: Final = RegistrationPolicy(
    # No scope that carries a personal number, an office or an authority, and none of another's protected resource.
    scopes=frozenset({"openid", "profile", "email", "phone", "address", "offline_access"}),
    # Only where a person decides each time: nothing that a client does in its own name.
    grant_types=frozenset(
        {"authorization_code", "refresh_token", "implicit", "urn:ietf:params:oauth:grant-type:device_code"}
    ),
    authentication_methods=frozenset(
        {
            "client_secret_basic",
            "client_secret_post",
            "private_key_jwt",
            "tls_client_auth",
            "self_signed_tls_client_auth",
            "none",
        }
    ),
    profiles=frozenset({ClientProfile.DEFAULT, ClientProfile.FAPI2}),
    # Officers sign in where an administrator put a service, and consent is never skipped without a legal basis.
    # A subject that every such client is told would join what a person does at each of them.
    fixed=MappingProxyType({"audience": "citizen", "skip_consent": False, "subject_type": "pairwise"}),
    # Payments and dossiers are at somebody's service: which clients reach it is agreed with an administrator.
    detail_types=frozenset(),
)

_CODE: Final = "code"
_BY_REDIRECT: Final = frozenset({"authorization_code", "implicit"})


def bounded(metadata: Mapping[str, Any], *, legacy: bool) -> dict[str, Any]:
    """Return metadata with what the policy adds. Raises `RefusedMetadata` for what goes beyond it.

    `legacy`: this deployment allows response types that return tokens in the front channel; who asks for one gets the
    profile `legacy`. Values of a wrong type are left to the reader, who refuses them.
    """
    policy = SELF_REGISTERED
    for name, value in policy.fixed.items():
        if metadata.get(name, value) != value:
            raise RefusedMetadata(name, "is for an administrator to decide")
    profile = _profile(metadata, legacy=legacy)
    _refuse_beyond("scope", _words(metadata.get("scope")), policy.scopes)
    grants = _texts(metadata.get("grant_types", ["authorization_code"]))
    _refuse_beyond("grant_types", grants, policy.grant_types)
    details = _texts(metadata.get("authorization_details_types"))
    _refuse_beyond("authorization_details_types", details, policy.detail_types)
    method = metadata.get("token_endpoint_auth_method", "client_secret_basic")
    allowed = policy.authentication_methods & POLICIES[profile].authentication_methods
    _refuse_beyond("token_endpoint_auth_method", _texts([method]), allowed)
    # OpenID Connect Registration section 2: `initiate_login_uri` is a "URI using the https scheme".
    if not str(metadata.get("initiate_login_uri") or "https://").lower().startswith("https://"):
        raise RefusedMetadata("initiate_login_uri", "must start with https")
    # RFC 7591 section 2: clients that are redirected to "MUST register their redirection URI values".
    if grants & _BY_REDIRECT and not metadata.get("redirect_uris"):
        raise RefusedMetadata("redirect_uris", "is required")
    # A document that lists no address of this client's says nothing about it.
    if metadata.get("sector_identifier_uri") and not metadata.get("redirect_uris"):
        raise RefusedMetadata("sector_identifier_uri", "is for clients with redirect_uris")
    return {"scope": " ".join(sorted(policy.scopes)), **metadata, **policy.fixed, "profile": profile.value}


def _profile(metadata: Mapping[str, Any], *, legacy: bool) -> ClientProfile:
    told = metadata.get("profile", ClientProfile.DEFAULT.value)
    allowed = SELF_REGISTERED.profiles | ({ClientProfile.LEGACY} if legacy else set())
    if told not in [profile.value for profile in allowed]:
        raise RefusedMetadata("profile", "is not one that a client may claim")
    profile = ClientProfile(told)
    asked = _texts(metadata.get("response_types", [_CODE]))
    if profile is ClientProfile.DEFAULT and legacy and asked - {_CODE}:
        profile = ClientProfile.LEGACY
    _refuse_beyond("response_types", asked, POLICIES[profile].response_types)
    return profile


def _refuse_beyond(name: str, asked: frozenset[str], allowed: frozenset[str]) -> None:
    if not asked <= allowed:
        raise RefusedMetadata(name, "goes beyond what a client may register by itself")


def _words(value: object) -> frozenset[str]:
    return frozenset(value.split()) if isinstance(value, str) else frozenset()


def _texts(value: object) -> frozenset[str]:
    return frozenset(text for text in value if isinstance(text, str)) if isinstance(value, list) else frozenset()
