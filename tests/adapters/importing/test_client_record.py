import hashlib
from typing import Any

import pytest

from idp.adapters.importing.client_entry import ClientEntry
from idp.adapters.importing.client_record import client_of
from idp.domain.clients.client import Client, ClientAudience, SubjectType
from idp.domain.clients.client_policy import ClientProfile
from idp.domain.levels.assurance import Level


def client(**values: object) -> Client:
    return client_of(ClientEntry.model_validate({"client_id": "portal", **values}))


def test_what_is_absent_has_its_registered_default() -> None:
    portal = client()
    assert portal.id_token_signed_response_alg == "RS256"
    assert portal.token_endpoint_auth_method == "client_secret_basic"
    assert portal.subject_type is SubjectType.PAIRWISE
    assert portal.audience is ClientAudience.BOTH
    assert portal.minimum_level is Level.ONE
    assert (portal.skip_consent, portal.profile) == (False, ClientProfile.DEFAULT)
    assert (portal.require_pkce, portal.secret_hashes) == (False, ())
    assert portal.scopes == {"openid"}


def test_fapi_clients_get_no_rs256_by_default() -> None:
    fapi = client(profile="fapi2", token_endpoint_auth_method="private_key_jwt", jwks_uri="https://a.vn/keys")
    assert fapi.id_token_signed_response_alg == "ES256"


def test_the_secret_is_kept_as_a_hash_and_nowhere_else() -> None:
    portal = client(client_secret="0123456789abcdef")
    assert portal.secret_hashes == (hashlib.sha256(b"0123456789abcdef").digest(),)
    assert "0123456789abcdef" not in repr(portal)


@pytest.mark.parametrize(
    ("values", "required"),
    [
        ({"token_endpoint_auth_method": "none"}, True),
        ({"profile": "fapi2", "token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://a.vn/keys"}, True),
        ({"require_pkce": True}, True),
        ({"require_pkce": False}, False),
    ],
)
def test_pkce_is_required_of_public_and_fapi_clients_and_where_told(values: dict[str, Any], required: bool) -> None:
    assert client(**values).require_pkce is required


@pytest.mark.parametrize(
    ("values", "sector"),
    [
        ({"redirect_uris": ["https://portal.example:8443/cb"]}, "portal.example"),
        ({"redirect_uris": ["http://localhost:8001/cb"]}, "localhost:8001"),
        ({"sector_identifier_uri": "https://gov.example/sector.json"}, "gov.example"),
        ({}, ""),
    ],
)
def test_the_sector_of_pairwise_subjects_is_the_registered_host(values: dict[str, Any], sector: str) -> None:
    assert client(**values).sector == sector


def test_names_and_links_are_told_by_language_and_the_logo_once() -> None:
    portal = client(
        client_name={"vi": "Cổng", "en": "Portal"},
        policy_uri="https://portal.example/policy",
        tos_uri={"en": "https://portal.example/terms"},
        logo_uri={"en": "https://portal.example/en.svg", "vi": "https://portal.example/vi.svg"},
    )
    assert portal.names == {"vi": "Cổng", "en": "Portal"}
    assert portal.policy_uris == {"": "https://portal.example/policy"}
    assert portal.tos_uris == {"en": "https://portal.example/terms"}
    assert portal.logo_uri == "https://portal.example/vi.svg"


def test_everything_registered_is_kept_as_metadata() -> None:
    portal = client(dpop_bound_access_tokens=True, client_secret="0123456789abcdef", minimum_acr="LoA1")
    assert portal.metadata == {"dpop_bound_access_tokens": True, "minimum_acr": "LoA1"}
