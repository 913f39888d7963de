from dataclasses import replace
from typing import Any

import pytest

from idp.adapters.crypto.signing_keys import FIRST_ALGORITHMS
from idp.adapters.importing.client_entry import ClientEntry
from idp.adapters.importing.client_metadata import ClientMetadata
from idp.adapters.importing.registered_document import RegisteredDocument
from idp.domain.clients.registration import RefusedMetadata
from idp.domain.ids import ClientId

DOCUMENT = RegisteredDocument(lambda: FIRST_ALGORITHMS)
CLIENT = ClientId("client-1")
REDIRECT = "https://rp.example.vn/callback"


def test_only_registered_names_are_known() -> None:
    sent = {"client_name": 1, "client_name#vi": 2, "scope#vi": 3, "client_id": 4, "client_secret": 5, "unheard_of": 6}
    assert DOCUMENT.known(sent) == {"client_name": 1, "client_name#vi": 2}


def test_a_setting_that_weakens_or_widens_a_client_is_an_administrator_s() -> None:
    """Whoever adds a setting decides here whether clients may claim it."""
    known = DOCUMENT.known(dict.fromkeys(ClientEntry.model_fields))
    ours = {"audience", "minimum_acr", "skip_consent", "profile", "require_pkce", "allowed_origins"}
    assert "refresh_token_grace_seconds" not in known
    assert known.keys() >= ours
    assert known.keys() - ours - ClientMetadata.model_fields.keys() == {
        *("application_type", "redirect_uris", "post_logout_redirect_uris", "token_endpoint_auth_method"),
        *("grant_types", "response_types", "scope", "subject_type", "sector_identifier_uri"),
    }


def test_what_was_read_is_told_again_under_the_same_names() -> None:
    sent: dict[str, Any] = {
        "redirect_uris": [REDIRECT],
        "client_name": "Portal",
        "client_name#vi": "Cổng",
        "policy_uri#en": "https://rp.example.vn/policy",
        "jwks_uri": "https://rp.example.vn/jwks",
    }
    client = DOCUMENT.read(CLIENT, sent)
    members = DOCUMENT.members(client)
    assert members.items() >= sent.items()
    assert DOCUMENT.read(CLIENT, members).names == client.names


def test_what_was_registered_under_earlier_rules_is_told() -> None:
    stored = replace(DOCUMENT.read(CLIENT, {"redirect_uris": [REDIRECT]}), metadata={"application_type": "kiosk"})
    assert DOCUMENT.members(stored)["application_type"] == "kiosk"


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ({"redirect_uris": [f"{REDIRECT}#x"]}, "redirect_uris"),
        ({"redirect_uris": "x"}, "redirect_uris"),
        ({"jwks": {"keys": []}}, "jwks"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "token_endpoint_auth_method"),
        ({"client_name#vi": "a", "client_name": {"vi": "b"}}, "client_name"),
    ],
)
def test_a_refusal_names_the_member_at_fault(sent: dict[str, Any], name: str) -> None:
    with pytest.raises(RefusedMetadata) as refused:
        DOCUMENT.read(CLIENT, sent)
    assert refused.value.name == name
    assert REDIRECT not in refused.value.reason
