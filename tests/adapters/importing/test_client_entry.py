from typing import Any

import pytest
from pydantic import ValidationError

from idp.adapters.importing.client_entry import ClientEntry
from idp.adapters.importing.problems import problems_of

KEY = {"kty": "OKP", "crv": "Ed25519", "x": "A" * 43}
TERMS = {"purpose": {"vi": "Để xưng hô"}, "legal_basis": "consent"}
PORTAL: dict[str, Any] = {
    "client_id": "portal",
    "client_secret": "0123456789abcdef",
    "redirect_uris": ["https://portal.example/callback"],
}


def reasons(values: dict[str, Any]) -> list[str]:
    with pytest.raises(ValidationError) as refusal:
        ClientEntry.model_validate(values)
    return [str(problem) for problem in problems_of(refusal.value)]


def test_only_the_identifier_is_required() -> None:
    client = ClientEntry.model_validate({"client_id": "portal"})
    assert client.grants() == {"authorization_code"}
    assert client.responses() == {"code"}
    assert (client.subject_type, client.audience, client.minimum_acr) == ("pairwise", "both", "urn:vn:loa:1")


def test_a_client_of_machines_has_no_response_type() -> None:
    client = ClientEntry.model_validate({"client_id": "axis", "grant_types": ["client_credentials"]})
    assert client.responses() == frozenset()


@pytest.mark.parametrize(
    "names",
    [
        {"client_name": {"vi": "Cổng", "en": "Portal"}},
        {"client_name#vi": "Cổng", "client_name#en": "Portal"},
        {"client_name": {"vi": "Cổng"}, "client_name#en": "Portal"},
    ],
)
def test_names_in_several_languages_are_a_mapping_or_tagged_members(names: dict[str, Any]) -> None:
    assert ClientEntry.model_validate({**PORTAL, **names}).client_name == {"vi": "Cổng", "en": "Portal"}


def test_texts_of_others_may_be_in_several_languages_too() -> None:
    entry = ClientEntry.model_validate({"client_id": "x", "organization_name#vi": "Cổng", "description": "Hồ sơ"})
    assert (entry.organization_name, entry.description) == ({"vi": "Cổng"}, {"": "Hồ sơ"})


def test_a_plain_name_stands_beside_tagged_ones() -> None:
    client = ClientEntry.model_validate({**PORTAL, "client_name": "Portal", "client_name#vi": "Cổng"})
    assert client.client_name == {"": "Portal", "vi": "Cổng"}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"client_id": "a b"}, "client_id: must be"),
        ({"client_id": "x" * 129}, "client_id: must be"),
        ({"client_id": "a\x00"}, "client_id: must be"),
        ({"client_secret": "tab\tin it"}, "client_secret: must be 1 to 512"),
        ({"client_secret": "mật khẩu mật khẩu"}, "client_secret: must be 1 to 512"),
        ({"client_name": "Portal", "client_name#": "Cổng"}, "client_name is given twice"),
        ({"client_name": 7, "client_name#vi": "Cổng"}, "client_name is given twice"),
        ({"shoe#vi": "x"}, "shoe#vi: is an unknown name"),
        ({"software_statement": "e30.e30."}, "software_statement: belongs to dynamic registration"),
        ({"registration_access_token": "s3cret"}, "registration_access_token: belongs to dynamic registration"),
        ({"registration_client_uri": "https://x.vn/"}, "registration_client_uri: belongs to dynamic registration"),
        ({"client_secret_expires_at": 1_890_000_000}, "client_secret_expires_at: must be 0"),
        ({"redirect_uris": ["https://portal.example/#x"]}, "redirect_uris[0]: A redirection address has no fragment."),
        (
            {"redirect_uris": ["http://portal.example/"]},
            "redirect_uris[0]: An address is https; http is for loopback only.",
        ),
        ({"redirect_uris": ["vn.gov.app:/cb"]}, "redirect_uris[0]: A scheme of its own is for native applications"),
        ({"post_logout_redirect_uris": ["/out"]}, "post_logout_redirect_uris[0]: An address is absolute"),
        ({"redirect_uris": ["https://a.example/", "https://b.example/"]}, "subject_type pairwise needs a sector"),
        ({"frontchannel_logout_uri": "https://evil.example/out"}, "frontchannel_logout_uri has scheme, host and port"),
        ({"token_endpoint_auth_method": "basic"}, "token_endpoint_auth_method: must be"),
        ({"token_endpoint_auth_method": "none"}, "token_endpoint_auth_method none takes no client_secret"),
        (
            {"token_endpoint_auth_method": "client_secret_jwt"},
            "token_endpoint_auth_method client_secret_jwt needs a client_secret of 32",
        ),
        ({"jwks": {"keys": [KEY]}, "jwks_uri": "https://portal.example/jwks"}, "give jwks or jwks_uri, not both"),
        ({"tls_client_auth_subject_dn": "portal"}, "tls_client_auth_subject_dn: every part of a distinguished name"),
        (
            {"tls_client_auth_san_ip": "portal"},
            "tls_client_auth_san_ip: must be an IP address",
        ),
        ({"tls_client_auth_san_dns": "a.example"}, "exactly one tls_client_auth_… subject"),
        ({"grant_types": ["password"]}, "grant_types[0]: must be"),
        ({"response_types": ["code token"]}, "response types id_token and token need the grant type implicit"),
        ({"response_types": ["none code"]}, "response_types[0]: must be code"),
        ({"response_types": ["code code"]}, "response_types[0]: must be code"),
        (
            {"response_types": ["code"], "grant_types": ["client_credentials"]},
            "response type code needs the grant type",
        ),
        ({"scope": 'openid "x"'}, "scope: must be one scope value"),
        ({"minimum_acr": "urn:vn:loa:5"}, "minimum_acr: must be one of"),
        ({"audience": "everyone"}, "audience: must be"),
        ({"profile": "fapi2", "require_pkce": False}, "require_pkce cannot be switched off"),
        ({"profile": "fapi2"}, "the profile fapi2 wants token_endpoint_auth_method private_key_jwt, self_signed"),
        ({"refresh_token_grace_seconds": 61}, "refresh_token_grace_seconds: must be less than or equal to 60"),
        ({"skip_consent": "true"}, "skip_consent: must be true or false"),
        (
            {
                "client_secret": None,
                "profile": "fapi2",
                "token_endpoint_auth_method": "private_key_jwt",
                "jwks": {"keys": [KEY]},
                "id_token_signed_response_alg": "RS256",
            },
            "id_token_signed_response_alg RS256 is not for the profile fapi2",
        ),
        ({"id_token_encrypted_response_alg": "RSA1_5"}, "id_token_encrypted_response_alg: must be"),
        ({"userinfo_encrypted_response_alg": "ECDH-ES"}, "userinfo_encrypted_response_alg needs jwks or jwks_uri"),
        (
            {"introspection_encrypted_response_enc": "A256GCM"},
            "introspection_encrypted_response_enc needs introspection_encrypted_response_alg",
        ),
        ({"allowed_origins": ["https://app.example/"]}, "allowed_origins[0]: An origin is scheme, host and port alone"),
        ({"allowed_origins": ["*"]}, "allowed_origins[0]: "),
        ({"claims": {"shoe_size": TERMS}}, "claims: shoe_size is not a claim that can be released"),
        ({"claims": {"name": {**TERMS, "legal_basis": "habit"}}}, "claims.name.legal_basis: must be one of consent"),
        ({"claims": {"name": {"legal_basis": "law"}}}, "claims.name.purpose: is required"),
        ({"claims": {"name": {**TERMS, "until": "2027"}}}, "claims.name.until: is an unknown name"),
        ({"claim_names": "mine"}, "claim_names: must be 'standard' or 'national_portal'"),
    ],
)
def test_a_client_that_breaks_a_rule_is_refused_with_its_reason(changes: dict[str, Any], reason: str) -> None:
    assert reasons({**PORTAL, **changes})[0].startswith(reason)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"token_endpoint_auth_method": "private_key_jwt"}, "private_key_jwt needs jwks or jwks_uri"),
        ({"token_endpoint_auth_method": "self_signed_tls_client_auth"}, "needs jwks or jwks_uri"),
        ({"token_endpoint_auth_method": "tls_client_auth"}, "exactly one tls_client_auth_"),
        ({"token_endpoint_auth_method": "none", "grant_types": ["client_credentials"]}, "not for public clients"),
        ({"token_endpoint_auth_method": "none", "require_pkce": False}, "require_pkce cannot be switched off"),
        ({}, "client_id: is required"),
    ],
)
def test_a_client_without_what_its_method_needs_is_refused(values: dict[str, Any], reason: str) -> None:
    assert reason in reasons({"client_id": "portal", **values} if values else {})[0]


@pytest.mark.parametrize(
    "values",
    [
        {"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [KEY]}},
        {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://portal.example/jwks"},
        {"token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_subject_dn": "CN=portal"},
        {"token_endpoint_auth_method": "none", "application_type": "native", "redirect_uris": ["vn.gov.app:/cb"]},
        {"redirect_uris": ["https://a.example/", "https://b.example/"], "subject_type": "public"},
        {
            "redirect_uris": ["https://a.example/", "https://b.example/"],
            "sector_identifier_uri": "https://a.example/sector.json",
        },
        {"grant_types": ["authorization_code", "implicit"], "response_types": ["code id_token", "id_token token"]},
    ],
)
def test_a_client_whose_metadata_agree_is_taken(values: dict[str, Any]) -> None:
    assert ClientEntry.model_validate({"client_id": "portal", **values}).client_id == "portal"


def test_a_record_that_is_no_mapping_is_refused() -> None:
    assert reasons("portal") == ["must be a mapping"]  # type: ignore[arg-type]


def test_the_secret_does_not_show() -> None:
    assert "0123456789abcdef" not in repr(ClientEntry.model_validate(PORTAL))


EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ASSERTION = "urn:ietf:params:oauth:grant-type:jwt-bearer"
CIBA = "urn:openid:params:grant-type:ciba"
TABLE = {"subjects": ["portal"], "audiences": ["https://api.example"]}
ISSUER = {"issuer": "https://cluster.example", "subjects": ["workload"], "jwks_uri": "https://cluster.example/keys"}
PING = {"grant_types": [CIBA], "backchannel_token_delivery_mode": "ping"}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"grant_types": [EXCHANGE]}, "token_exchange goes with"),
        ({"token_exchange": TABLE}, "token_exchange goes with"),
        (
            {
                "grant_types": [EXCHANGE],
                "token_exchange": TABLE,
                "client_secret": None,
                "token_endpoint_auth_method": "none",
            },
            "token_exchange goes with",
        ),
        ({"grant_types": [EXCHANGE], "token_exchange": {"subjects": ["portal"]}}, "token_exchange.audiences"),
        ({"grant_types": [EXCHANGE], "token_exchange": {**TABLE, "subjects": []}}, "token_exchange.subjects"),
        ({"grant_types": [ASSERTION]}, "jwt_bearer_issuers goes with"),
        ({"jwt_bearer_issuers": [ISSUER]}, "jwt_bearer_issuers goes with"),
        (
            {"grant_types": [ASSERTION], "jwt_bearer_issuers": [{**ISSUER, "jwks": {"keys": [KEY]}}]},
            "jwt_bearer_issuers[0]: give jwks or jwks_uri",
        ),
        (
            {"grant_types": [ASSERTION], "jwt_bearer_issuers": [{**ISSUER, "jwks_uri": None}]},
            "jwt_bearer_issuers[0]: give jwks or jwks_uri",
        ),
        ({"grant_types": [CIBA]}, "backchannel_token_delivery_mode goes with"),
        ({"backchannel_token_delivery_mode": "poll"}, "backchannel_token_delivery_mode goes with"),
        (PING, "backchannel_token_delivery_mode ping needs"),
    ],
)
def test_a_grant_that_needs_more_than_its_name_has_it_and_nothing_else_does(
    changes: dict[str, Any], reason: str
) -> None:
    (told,) = reasons({**PORTAL, **changes})
    assert told.startswith(reason)


@pytest.mark.parametrize(
    "changes",
    [
        {"grant_types": [EXCHANGE], "token_exchange": TABLE},
        {"grant_types": [ASSERTION], "jwt_bearer_issuers": [ISSUER]},
        {**PING, "backchannel_client_notification_endpoint": "https://portal.example/ciba"},
    ],
)
def test_what_goes_together_is_taken(changes: dict[str, Any]) -> None:
    assert ClientEntry.model_validate({**PORTAL, "redirect_uris": [], **changes}).responses() == frozenset()


def test_a_register_names_events_that_there_are() -> None:
    death = "urn:vn:register:event:death"
    assert ClientEntry.model_validate({**PORTAL, "register_event_types": [death]}).register_event_types == [death]
    for wrong in ([], ["death"], [death.upper()], death):
        (told,) = reasons({**PORTAL, "register_event_types": wrong})
        assert told.startswith("register_event_types")
