from typing import Any

import pytest

from idp.domain.clients.registration import SELF_REGISTERED, RefusedMetadata, bounded

REDIRECT = {"redirect_uris": ["https://rp.example.vn/callback"]}


def test_a_client_gets_what_the_table_says_and_keeps_what_it_asked_for() -> None:
    metadata = bounded({**REDIRECT, "client_name": "Portal"}, legacy=False)
    assert metadata == {
        **REDIRECT,
        "client_name": "Portal",
        "scope": "address email offline_access openid phone profile",
        "audience": "citizen",
        "skip_consent": False,
        "subject_type": "pairwise",
        "profile": "default",
    }


@pytest.mark.parametrize(
    ("claimed", "at_fault"),
    [
        ({"skip_consent": True}, "skip_consent"),
        ({"audience": "officer"}, "audience"),
        ({"audience": "both"}, "audience"),
        ({"subject_type": "public"}, "subject_type"),
        ({"profile": "legacy"}, "profile"),
        ({"profile": ["fapi2"]}, "profile"),
        ({"scope": "openid identity"}, "scope"),
        ({"scope": "dossier.read"}, "scope"),
        ({"grant_types": ["client_credentials"]}, "grant_types"),
        ({"grant_types": ["authorization_code", "urn:openid:params:grant-type:ciba"]}, "grant_types"),
        ({"token_endpoint_auth_method": "client_secret_jwt"}, "token_endpoint_auth_method"),
        ({"profile": "fapi2"}, "token_endpoint_auth_method"),
        ({"response_types": ["id_token"]}, "response_types"),
        ({"initiate_login_uri": "http://rp.example.vn/login"}, "initiate_login_uri"),
        ({"redirect_uris": []}, "redirect_uris"),
        ({"authorization_details_types": ["dossier_access"]}, "authorization_details_types"),
        ({"authorization_details_types": ["dossier_access", "payment_initiation"]}, "authorization_details_types"),
    ],
)
def test_a_claim_beyond_the_table_is_refused(claimed: dict[str, Any], at_fault: str) -> None:
    with pytest.raises(RefusedMetadata) as refused:
        bounded({**REDIRECT, **claimed}, legacy=False)
    assert refused.value.name == at_fault


def test_what_only_makes_it_stricter_may_be_claimed() -> None:
    asked = {**REDIRECT, "profile": "fapi2", "token_endpoint_auth_method": "private_key_jwt", "require_pkce": True}
    assert bounded({**asked, "minimum_acr": "urn:vn:loa:2"}, legacy=False).items() >= asked.items()


def test_fixed_values_may_be_sent_back_as_they_were_told() -> None:
    assert bounded({**REDIRECT, "audience": "citizen", "skip_consent": False}, legacy=False)["audience"] == "citizen"


def test_front_channel_tokens_are_for_deployments_that_allow_them() -> None:
    asked = {**REDIRECT, "response_types": ["code id_token"], "grant_types": ["authorization_code", "implicit"]}
    assert bounded(asked, legacy=True)["profile"] == "legacy"
    assert bounded(REDIRECT, legacy=True)["profile"] == "default"
    with pytest.raises(RefusedMetadata):
        bounded(asked, legacy=False)
    with pytest.raises(RefusedMetadata):
        bounded({**asked, "profile": "fapi2"}, legacy=True)


def test_no_scope_of_the_table_tells_a_personal_number_or_an_office() -> None:
    assert SELF_REGISTERED.scopes.isdisjoint({"identity", "officer", "authority"})


def test_a_sector_is_claimed_with_addresses_that_it_lists_or_not_at_all() -> None:
    asked = {"grant_types": ["urn:ietf:params:oauth:grant-type:device_code"], "redirect_uris": []}
    assert bounded(asked, legacy=False)["redirect_uris"] == []
    with pytest.raises(RefusedMetadata) as refused:
        bounded({**asked, "sector_identifier_uri": "https://sector.example.vn/redirects.json"}, legacy=False)
    assert refused.value.name == "sector_identifier_uri"


def test_devices_need_no_redirection_address() -> None:
    asked = {"grant_types": ["urn:ietf:params:oauth:grant-type:device_code"], "token_endpoint_auth_method": "none"}
    assert bounded(asked, legacy=False)["grant_types"] == asked["grant_types"]
