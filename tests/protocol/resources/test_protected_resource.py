import json

from idp.protocol.resources.protected_resource import ProtectedResourceMetadata
from tests.protocol.world import ISSUER, World

# The IANA registry of protected resource metadata (RFC 9728 section 8.1.2).
REGISTERED = {
    *("resource", "authorization_servers", "jwks_uri", "scopes_supported", "bearer_methods_supported"),
    *("resource_signing_alg_values_supported", "resource_name", "resource_documentation", "resource_policy_uri"),
    *("resource_tos_uri", "tls_client_certificate_bound_access_tokens", "authorization_details_types_supported"),
    *("dpop_signing_alg_values_supported", "dpop_bound_access_tokens_required", "signed_metadata"),
}


def document(world: World) -> ProtectedResourceMetadata:
    return ProtectedResourceMetadata(ISSUER, world.signer)


async def test_the_resource_is_the_audience_that_userinfo_takes(world: World) -> None:
    metadata = json.loads(document(world).document())
    token = world.claims((await world.sign_in()).access_token)
    # RFC 9728 section 3.3: "resource" MUST be identical to the resource identifier.
    assert token["aud"] in (metadata["resource"], [metadata["resource"]])
    assert metadata["authorization_servers"] == [ISSUER]


def test_only_registered_names_are_used(world: World) -> None:
    assert json.loads(document(world).document()).keys() <= REGISTERED


def test_no_token_in_a_query_is_advertised(world: World) -> None:
    assert json.loads(document(world).document())["bearer_methods_supported"] == ["header", "body"]


def test_the_authorization_server_names_the_resource_in_turn(world: World) -> None:
    # RFC 9728 section 4: `protected_resources` of the authorization server lists it.
    assert json.loads(world.metadata.document())["protected_resources"] == [ISSUER]


def test_the_document_is_made_again_only_for_a_new_kind_of_key(world: World) -> None:
    metadata = document(world)
    before = metadata.document()
    assert metadata.document() is before
    world.foundation.keystore.signing_keys.rotate("PS256")
    world.clock.seconds += 1
    assert "PS256" in json.loads(metadata.document())["resource_signing_alg_values_supported"]
