from typing import Any

import pytest

from idp.protocol.errors import InvalidClientMetadataError, InvalidRedirectUriError
from tests.protocol.registration.registrar import REDIRECT, Registrar, statement


@pytest.mark.parametrize(
    "uris",
    [
        [f"{REDIRECT}#fragment"],
        ["http://rp.example.vn/callback"],
        ["javascript:alert(1)"],
        ["com.example.app:/callback"],
        ["https://*.example.vn/callback"],
        ["https://user@rp.example.vn/callback"],
        ["relative"],
        [],
        None,
        "https://rp.example.vn/callback",
        [7],
    ],
)
async def test_a_bad_redirection_address_has_an_error_of_its_own(registrar: Registrar, uris: Any) -> None:
    with pytest.raises(InvalidRedirectUriError):
        await registrar.register(redirect_uris=uris)


@pytest.mark.parametrize(
    "sent",
    [
        {"id_token_signed_response_alg": "none"},
        {"id_token_signed_response_alg": "HS256"},
        {"id_token_encrypted_response_alg": "RSA1_5", "jwks_uri": "https://rp.example.vn/jwks"},
        {"id_token_encrypted_response_alg": "RSA-OAEP-256"},
        {"userinfo_encrypted_response_enc": "A128GCM", "jwks_uri": "https://rp.example.vn/jwks"},
        {"token_endpoint_auth_method": "private_key_jwt"},
        {"jwks": {"keys": []}},
        {"jwks": {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}},
        {"subject_type": "shared"},
        {"logo_uri": "javascript:alert(1)"},
        {"policy_uri": "http://rp.example.vn/policy"},
        {"initiate_login_uri": "http://rp.example.vn/login"},
        {"initiate_login_uri": "http://localhost:8080/login"},
        {"default_max_age": -1},
        {"client_name": "a\u0000b"},
        {"response_types": ["code id_token"]},
        {"response_types": ["code"], "grant_types": ["refresh_token"]},
        {"tls_client_auth_subject_dn": "CN=x"},
    ],
)
async def test_metadata_that_break_a_rule_are_refused(registrar: Registrar, sent: dict[str, Any]) -> None:
    with pytest.raises(InvalidClientMetadataError) as refused:
        await registrar.register(**sent)
    # RFC 6749 section 5.2: a description is of printable ASCII, without quotes and backslashes.
    assert refused.value.description.isascii()
    assert refused.value.description.isprintable()
    assert not {'"', "\\"} & set(refused.value.description)


async def test_metadata_that_are_not_understood_must_be_ignored(registrar: Registrar) -> None:
    members = await registrar.register(example_extension={"a": 1}, client_id="chosen", client_secret="chosen")
    assert "example_extension" not in members
    assert members["client_id"] != "chosen"
    assert members["client_secret"] != "chosen"


async def test_null_is_the_same_as_nothing(registrar: Registrar) -> None:
    members = await registrar.register(client_name=None, logo_uri=None, software_statement=None)
    assert "client_name" not in members


async def test_a_statement_takes_precedence_over_plain_members(registrar: Registrar) -> None:
    shown = statement(client_name="Ví quốc gia", redirect_uris=[f"{REDIRECT}/asserted"], unknown="ignored")
    members = await registrar.register(client_name="Kẻ khác", redirect_uris=[REDIRECT], software_statement=shown)
    assert members["client_name"] == "Ví quốc gia"
    assert members["redirect_uris"] == [f"{REDIRECT}/asserted"]


async def test_a_statement_asserts_nothing_beyond_the_policy(registrar: Registrar) -> None:
    for claimed in ({"skip_consent": True}, {"scope": "openid identity"}, {"minimum_acr": "urn:vn:loa:9"}):
        with pytest.raises(InvalidClientMetadataError):
            await registrar.register(software_statement=statement(**claimed))
