from typing import Any

import pytest

from idp.domain.clients.client import Client
from idp.domain.clients.registered_metadata import Encryption
from idp.domain.ids import ClientId


def registered(**metadata: Any) -> Client:
    return Client(ClientId("client"), metadata=metadata)


def test_what_was_not_registered_has_its_default() -> None:
    client = registered()
    assert client.jwks is None
    assert client.tls_subject is None
    assert client.request_uris == ()
    assert client.authorization_details_types == frozenset()
    assert client.authorization_response_algorithm == "RS256"
    assert client.encryption("id_token") is None
    assert client.register_event_types is None
    assert not client.needs_sender_constraint
    assert not client.must_push_requests


@pytest.mark.parametrize("kind", ["subject_dn", "san_dns", "san_uri", "san_ip", "san_email"])
def test_the_one_registered_certificate_subject_is_found(kind: str) -> None:
    assert registered(**{f"tls_client_auth_{kind}": "value"}).tls_subject == (kind, "value")


def test_an_encrypted_answer_has_a_content_encryption_even_if_none_was_named() -> None:
    client = registered(id_token_encrypted_response_alg="ECDH-ES", userinfo_encrypted_response_enc="A256GCM")
    assert client.encryption("id_token") == Encryption("ECDH-ES", "A128CBC-HS256")
    assert client.encryption("userinfo") is None


@pytest.mark.parametrize("name", ["dpop_bound_access_tokens", "tls_client_certificate_bound_access_tokens"])
def test_a_client_may_bind_its_tokens_whatever_its_profile(name: str) -> None:
    assert registered(**{name: True}).needs_sender_constraint


def test_a_client_may_be_stricter_than_its_profile_about_pushing() -> None:
    assert registered(require_pushed_authorization_requests=True).must_push_requests


def test_a_register_may_be_for_some_events() -> None:
    assert registered(register_event_types=None).register_event_types is None
    assert registered(register_event_types=["a", "b"]).register_event_types == frozenset({"a", "b"})
