"""The profiles as policy: for each, one row of what its clients must and may do. Nothing else decides by profile.

`default`  OpenID Connect as everybody knows it, without what RFC 9700 retired.
`fapi2`    FAPI 2.0 Security Profile and Message Signing (final), sections 5.3.2 and 5.4.
`legacy`   as `default`, and the response types that return tokens in the front channel, where the deployment allows
           them at all (`IDP_LEGACY_RESPONSE_TYPES`).
"""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from idp.domain.values import dataclass


class ClientProfile(StrEnum):
    """The rules that a client lives under."""

    DEFAULT = "default"
    FAPI2 = "fapi2"
    LEGACY = "legacy"


_USUAL_ALGORITHM: Final = "RS256"
_ALGORITHM_WITHOUT_RSA: Final = "ES256"


@dataclass(frozen=True, slots=True)
class ProfilePolicy:
    """What holds for every client of one profile; a client's own registration may only be stricter."""

    response_types: frozenset[str]
    authentication_methods: frozenset[str]
    signing_algorithms: frozenset[str]
    """Of what the client signs: assertions, request objects, proofs of possession."""
    pushes_requests_only: bool
    """RFC 9126 section 5."""
    needs_pkce: bool
    """Of confidential clients; public ones need it everywhere."""
    needs_sender_constraint: bool
    """Access tokens are bound to a DPoP key or a certificate."""
    demands_proof_nonce: bool
    """RFC 9449 section 8: a DPoP proof holds a nonce of ours, so that none can be made for later."""
    issuer_is_only_assertion_audience: bool
    """FAPI 2.0 section 5.3.2.1, item 8: `aud` of an assertion is the issuer as a plain string."""
    rotates_refresh_tokens: bool
    """FAPI 2.0 section 5.3.2.1, item 10: "shall not use refresh token rotation" in the ordinary course."""
    bounds_request_objects: bool
    """FAPI 2.0 Message Signing section 5.3.1: `nbf` and `exp` present, at most 60 minutes apart and in the past."""
    merges_request_objects: bool
    """OpenID Connect Core section 6.1: parameters beside a request object count where it has none of the name; RFC 9101
    section 6.3 lets nothing count that was not signed."""

    @property
    def default_algorithm(self) -> str:
        """What its clients' answers are signed by when they registered nothing: RS256 by OpenID Connect Registration.

        FAPI 2.0 section 5.4.1 knows only PS256, ES256 and EdDSA.
        """
        return _USUAL_ALGORITHM if _USUAL_ALGORITHM in self.signing_algorithms else _ALGORITHM_WITHOUT_RSA


_ALL_ALGORITHMS: Final = frozenset({"RS256", "PS256", "ES256", "EdDSA", "Ed25519"})
_ALL_METHODS: Final = frozenset(
    {
        "client_secret_basic",
        "client_secret_post",
        "client_secret_jwt",
        "private_key_jwt",
        "tls_client_auth",
        "self_signed_tls_client_auth",
        "none",
    }
)
_FRONT_CHANNEL: Final = frozenset({"id_token", "id_token token", "code id_token", "code token", "code id_token token"})

_DEFAULT: Final = ProfilePolicy(
    response_types=frozenset({"code"}),
    authentication_methods=_ALL_METHODS,
    signing_algorithms=_ALL_ALGORITHMS,
    pushes_requests_only=False,
    needs_pkce=False,
    needs_sender_constraint=False,
    demands_proof_nonce=False,
    issuer_is_only_assertion_audience=False,
    rotates_refresh_tokens=True,
    bounds_request_objects=False,
    merges_request_objects=True,
)
_FAPI2: Final = ProfilePolicy(
    response_types=frozenset({"code"}),
    authentication_methods=frozenset({"private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth"}),
    signing_algorithms=frozenset({"PS256", "ES256", "EdDSA", "Ed25519"}),
    pushes_requests_only=True,
    needs_pkce=True,
    needs_sender_constraint=True,
    demands_proof_nonce=True,
    issuer_is_only_assertion_audience=True,
    rotates_refresh_tokens=False,
    bounds_request_objects=True,
    merges_request_objects=False,
)
_LEGACY: Final = replace(_DEFAULT, response_types=_DEFAULT.response_types | _FRONT_CHANNEL)

POLICIES: Final[Mapping[ClientProfile, ProfilePolicy]] = MappingProxyType(
    {ClientProfile.DEFAULT: _DEFAULT, ClientProfile.FAPI2: _FAPI2, ClientProfile.LEGACY: _LEGACY}
)
