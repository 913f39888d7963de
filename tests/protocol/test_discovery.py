import json
from typing import Any

import pytest

from idp.protocol import discovery
from idp.protocol.clients import client_authentication
from tests.conformance.test_config import REGISTERED
from tests.protocol.world import ISSUER, World


@pytest.fixture
def metadata(world: World) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(world.metadata.document())
    return document


def test_only_registered_names_are_used(metadata: dict[str, Any]) -> None:
    assert metadata.keys() <= REGISTERED


def test_the_issuer_is_exact_and_every_endpoint_lies_below_it(metadata: dict[str, Any]) -> None:
    assert metadata["issuer"] == ISSUER
    addresses = [value for name, value in metadata.items() if name.endswith(("_endpoint", "_uri"))]
    assert len(addresses) == len(set(addresses))
    assert all(address.startswith(f"{ISSUER}/") for address in addresses)


def test_rs256_must_be_among_the_algorithms_of_id_tokens(metadata: dict[str, Any]) -> None:
    assert {"RS256", "ES256"} <= set(metadata["id_token_signing_alg_values_supported"])


def test_requests_may_be_signed_objects_from_registered_addresses(metadata: dict[str, Any]) -> None:
    assert metadata["request_parameter_supported"] is True
    assert "RS256" in metadata["request_object_signing_alg_values_supported"]
    assert "none" not in metadata["request_object_signing_alg_values_supported"]
    assert metadata["request_uri_parameter_supported"] is True
    assert metadata["require_request_uri_registration"] is True


def test_what_clients_rely_on_is_there(metadata: dict[str, Any]) -> None:
    assert metadata["response_types_supported"] == ["code"]
    assert {"query", "fragment", "form_post", "jwt"} <= set(metadata["response_modes_supported"])
    assert metadata["code_challenge_methods_supported"] == ["S256"]
    assert metadata["subject_types_supported"] == ["pairwise", "public"]
    assert metadata["ui_locales_supported"] == ["vi", "en"]
    assert metadata["token_endpoint_auth_methods_supported"] == list(client_authentication.METHODS)
    assert "none" not in metadata["introspection_endpoint_auth_methods_supported"]
    assert "urn:vn:loa:2" in metadata["acr_values_supported"]
    assert "urn:vn:loa:3" not in metadata["acr_values_supported"]
    assert {"openid", "profile", "email", "address", "phone", "offline_access"} <= set(metadata["scopes_supported"])
    assert {"sub", "name", "email_verified", "personal_number"} <= set(metadata["claims_supported"])


@pytest.mark.parametrize("answer", ["id_token", "userinfo", "introspection", "authorization"])
def test_answers_are_signed_and_encrypted_by_what_is_named(world: World, metadata: dict[str, Any], answer: str) -> None:
    assert metadata[f"{answer}_signing_alg_values_supported"] == list(world.signer.algorithms())
    assert metadata[f"{answer}_encryption_alg_values_supported"] == ["RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A256KW"]
    assert "A128CBC-HS256" in metadata[f"{answer}_encryption_enc_values_supported"]


def test_the_document_is_made_once(world: World) -> None:
    assert world.metadata.document() is world.metadata.document()


def test_every_grant_that_is_named_is_answered(world: World) -> None:
    assert set(discovery.GRANT_TYPES) == set(world.token_endpoint._grants)


def test_a_new_kind_of_key_is_announced(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.metadata.document()
    monkeypatch.setattr(world.signer, "algorithms", lambda: ("RS256", "PS256"))
    metadata = json.loads(world.metadata.document())
    assert metadata["id_token_signing_alg_values_supported"] == ["RS256", "PS256"]


def test_claims_come_in_the_language_of_the_register(metadata: dict[str, Any]) -> None:
    assert metadata["claims_locales_supported"] == ["vi"]


def test_where_clients_register_is_told(metadata: dict[str, Any]) -> None:
    assert metadata["registration_endpoint"] == f"{ISSUER}/register"
