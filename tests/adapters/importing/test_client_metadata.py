from typing import Any

import pytest
from pydantic import ValidationError

from idp.adapters.importing.client_metadata import ClientMetadata, MetadataOfOthers, localized

REGISTERED: dict[str, Any] = {
    "client_uri": "https://portal.example/",
    "logo_uri": {"vi": "https://portal.example/logo-vi.svg"},
    "contacts": ["ops@portal.example"],
    "software_id": "portal",
    "software_version": "1.2",
    "tls_client_certificate_bound_access_tokens": True,
    "frontchannel_logout_uri": "https://portal.example/front",
    "frontchannel_logout_session_required": True,
    "backchannel_logout_session_required": False,
    "id_token_encrypted_response_alg": "RSA-OAEP-256",
    "id_token_encrypted_response_enc": "A128CBC-HS256",
    "userinfo_signed_response_alg": "RS256",
    "introspection_signed_response_alg": "ES256",
    "authorization_signed_response_alg": "PS256",
    "default_max_age": 3600,
    "require_auth_time": True,
    "default_acr_values": ["urn:vn:loa:2"],
    "request_uris": ["https://portal.example/request#hash"],
    "request_object_signing_alg": "ES256",
    "require_signed_request_object": False,
    "require_pushed_authorization_requests": True,
    "authorization_details_types": ["payment_initiation"],
    "dpop_bound_access_tokens": True,
    "initiate_login_uri": "https://portal.example/start",
    "backchannel_token_delivery_mode": "ping",
    "backchannel_client_notification_endpoint": "https://portal.example/ciba",
    "backchannel_authentication_request_signing_alg": "ES256",
    "backchannel_user_code_parameter": False,
}


def test_registered_metadata_of_features_to_come_is_kept() -> None:
    kept = ClientMetadata.model_validate(REGISTERED).model_dump(exclude_unset=True)
    assert kept == {**REGISTERED, "client_uri": {"": "https://portal.example/"}}


OF_OTHERS: dict[str, Any] = {
    "claims_redirect_uris": ["https://portal.example/claims"],
    "nfv_token_signed_response_alg": "ES256",
    "nfv_token_encrypted_response_alg": "ECDH-ES",
    "nfv_token_encrypted_response_enc": "A128GCM",
    "client_registration_types": ["automatic"],
    "signed_jwks_uri": "https://portal.example/keys.jwt",
    "organization_name": {"vi": "Cổng", "en": "Portal"},
    "description": {"": "Hồ sơ trực tuyến"},
    "keywords": ["hồ sơ"],
    "information_uri": {"": "https://portal.example/about"},
    "organization_uri": {"": "https://portal.example/"},
    "use_mtls_endpoint_aliases": True,
    "encrypted_response_enc_values_supported": ["A128GCM"],
    "vp_formats_supported": {"dc+sd-jwt": {"sd-jwt_alg_values": ["ES256"]}},
    "client_id_issued_at": 1_790_000_000,
    "client_secret_expires_at": 0,
}


def test_registered_metadata_of_what_this_is_no_part_of_are_kept() -> None:
    assert MetadataOfOthers.model_validate(OF_OTHERS).model_dump(exclude_unset=True) == OF_OTHERS


@pytest.mark.parametrize("change", [{"client_secret_expires_at": 1_890_000_000}, {"signed_jwks_uri": "http://x.vn/"}])
def test_what_would_be_promised_and_not_kept_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MetadataOfOthers.model_validate(change)


@pytest.mark.parametrize(
    "changes",
    [
        {"colour": "red"},
        {"client_name": ""},
        {"client_name": {}},
        {"client_name": {"Tiếng Việt": "Cổng"}},
        {"client_name": {"vi": "Cổng\x00"}},
        {"client_name": 7},
        {"logo_uri": "http://portal.example/logo.svg"},
        {"policy_uri": "javascript:alert(1)"},
        {"id_token_signed_response_alg": "none"},
        {"id_token_signed_response_alg": "HS256"},
        {"userinfo_signed_response_alg": "none"},
        {"request_object_signing_alg": "a b"},
        {"request_object_signing_alg": "none"},
        {"request_object_signing_alg": "HS256"},
        {"default_acr_values": ["urn:vn:loa:2", "foo"]},
        {"default_max_age": -1},
        {"default_max_age": "3600"},
        {"require_auth_time": "yes"},
        {"contacts": "ops@portal.example"},
        {"request_uris": ["file:///etc/passwd"]},
        {"backchannel_logout_uri": "https://portal.example/#x"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks": {"keys": []}},
        {"initiate_login_uri": "http://portal.example/start"},
        {"backchannel_token_delivery_mode": "pigeon"},
        {"authorization_details_types": ["unheard_of"]},
    ],
)
def test_a_value_that_its_specification_does_not_allow_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ClientMetadata.model_validate(changes)


def test_text_without_language_stands_for_any() -> None:
    assert localized("Portal") == {"": "Portal"}
    assert localized({"vi": "Cổng"}) == {"vi": "Cổng"}
