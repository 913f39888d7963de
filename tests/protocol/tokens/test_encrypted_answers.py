import json
from dataclasses import replace
from typing import Any

import pytest
from joserfc import jwe
from joserfc.jwk import ECKey, Key, RSAKey

from idp.domain.clients.client import Client
from idp.protocol.errors import InvalidGrantError, NoSigningKeyError, TemporarilyUnavailableError
from idp.protocol.tokens.introspection import IntrospectionRequest
from tests.protocol.world import ORIGIN, PORTAL, World, basic

RSA = RSAKey.generate_key(2048)
EC = ECKey.generate_key("P-256")
ALGORITHMS = ["RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A256KW", "A256GCM", "A128CBC-HS256"]


def encrypting(answer: str, algorithm: str = "ECDH-ES", key: Key = EC, **metadata: Any) -> Client:
    registered = {
        "jwks": {"keys": [{**key.as_dict(private=False), "use": "enc", "kid": "enc-1"}]},
        f"{answer}_encrypted_response_alg": algorithm,
        **metadata,
    }
    return replace(PORTAL, metadata=registered)


def opened(token: str | None, key: Key = EC) -> tuple[str, dict[str, Any]]:
    assert token is not None
    found = jwe.decrypt_compact(token, key, algorithms=ALGORITHMS)
    assert found.plaintext is not None
    return found.plaintext.decode(), dict(found.protected)


@pytest.mark.parametrize(("algorithm", "key"), [("RSA-OAEP-256", RSA), ("ECDH-ES", EC), ("ECDH-ES+A256KW", EC)])
async def test_an_id_token_is_signed_and_then_encrypted(world: World, algorithm: str, key: Key) -> None:
    await world.save(encrypting("id_token", algorithm, key, id_token_encrypted_response_enc="A256GCM"))
    signed, header = opened((await world.sign_in()).id_token, key)
    # RFC 7519 section 5.2: of a nested JWT cty MUST be present and JWT.
    assert header.items() >= {"alg": algorithm, "enc": "A256GCM", "cty": "JWT", "kid": "enc-1"}.items()
    assert world.claims(signed, "JWT")["aud"] == "portal"


async def test_the_content_is_encrypted_by_the_default_when_none_is_registered(world: World) -> None:
    await world.save(encrypting("id_token"))
    _, header = opened((await world.sign_in()).id_token)
    assert header["enc"] == "A128CBC-HS256"


async def test_signed_userinfo_is_nested_in_an_encrypted_one(world: World) -> None:
    await world.save(replace(encrypting("userinfo"), userinfo_signed_response_alg="ES256"))
    answer = await world.userinfo_answer((await world.sign_in()).access_token)
    assert isinstance(answer, str)
    signed, header = opened(answer)
    assert header["cty"] == "JWT"
    assert world.claims(signed, "JWT").items() >= {"iss": world.parts.issuer, "aud": "portal"}.items()


async def test_userinfo_that_is_not_signed_is_encrypted_as_json(world: World) -> None:
    await world.save(encrypting("userinfo"))
    answer = await world.userinfo_answer((await world.sign_in()).access_token)
    assert isinstance(answer, str)
    content, header = opened(answer)
    assert "cty" not in header
    assert json.loads(content)["sub"]


@pytest.mark.parametrize(
    "metadata", [{"jwks": {"keys": []}}, {"jwks": None, "jwks_uri": "https://127.0.0.1:1/keys"}, {"jwks": None}]
)
async def test_nothing_leaves_in_clear_when_there_is_no_key_to_encrypt_to(
    world: World, metadata: dict[str, Any]
) -> None:
    await world.save(encrypting("id_token", **metadata))
    with pytest.raises(TemporarilyUnavailableError):
        await world.sign_in()
    await world.save(encrypting("userinfo", **metadata))
    token = (await world.sign_in()).access_token
    with pytest.raises(TemporarilyUnavailableError):
        await world.userinfo(token)


@pytest.mark.parametrize("metadata", [{"jwks": {"keys": []}}, {"jwks": {"keys": [{"kty": "EC", "crv": "P-256"}]}}])
async def test_a_code_is_not_spent_while_there_is_no_key_to_encrypt_to(world: World, metadata: dict[str, Any]) -> None:
    await world.save(encrypting("id_token", **metadata))
    code = await world.code()
    for _ in range(2):
        with pytest.raises(TemporarilyUnavailableError):
            await world.redeem(code)
    await world.save(encrypting("id_token"))
    assert (await world.redeem(code)).id_token
    # It is good once all the same.
    with pytest.raises(InvalidGrantError, match="used before"):
        await world.redeem(code)


async def test_a_code_is_not_spent_while_there_is_no_key_to_sign_with(world: World) -> None:
    await world.save(replace(PORTAL, id_token_signed_response_alg="EdDSA"))
    code = await world.code()
    with pytest.raises(NoSigningKeyError):
        await world.redeem(code)
    await world.save(PORTAL)
    assert (await world.redeem(code)).id_token


async def test_a_signing_key_is_not_encrypted_to(world: World) -> None:
    key = {**EC.as_dict(private=False), "use": "sig"}
    await world.save(encrypting("id_token", jwks={"keys": [key]}))
    with pytest.raises(TemporarilyUnavailableError):
        await world.sign_in()


async def test_an_introspection_response_is_encrypted_when_registered_so(world: World) -> None:
    await world.save(encrypting("introspection", introspection_signed_response_alg="ES256"))
    token = (await world.sign_in()).access_token
    response = await world.introspection_endpoint(IntrospectionRequest({"token": token}, basic(), ORIGIN))
    signed, _ = opened(response.jwt)
    assert world.claims(signed, "token-introspection+jwt")["token_introspection"]["active"] is True
