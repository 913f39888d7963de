from dataclasses import replace
from typing import Any

import pytest
from joserfc import jwe
from joserfc.jwk import RSAKey

from idp.assembly.authorization import request_validator, signed_responses
from idp.domain.clients.client_policy import ClientProfile
from idp.protocol.authorize.parameters import RequestParameters
from idp.protocol.authorize.request import AuthorizationRefusedError
from idp.protocol.authorize.signed_response import LIFETIME, algorithm_for
from idp.protocol.errors import NoSigningKeyError, TemporarilyUnavailableError
from tests.protocol.world import ISSUER, PORTAL, REDIRECT, World

ANSWER = (("code", "c"), ("state", "xyz"), ("iss", ISSUER))


def registered(algorithm: str | None, profile: ClientProfile = ClientProfile.DEFAULT) -> dict[str, Any]:
    metadata = {"authorization_signed_response_alg": algorithm} if algorithm else {}
    return {"metadata": metadata, "profile": profile}


async def test_the_token_says_who_answers_whom_and_until_when(world: World) -> None:
    claims = world.claims(await signed_responses(world.parts).make(PORTAL, ANSWER))
    assert claims == {
        "iss": ISSUER,
        "aud": "portal",
        "exp": world.clock.now() + LIFETIME,
        "code": "c",
        "state": "xyz",
    }
    assert LIFETIME <= 600


@pytest.mark.parametrize(("algorithm", "profile", "used"), [
    (None, ClientProfile.DEFAULT, "RS256"),
    ("ES256", ClientProfile.DEFAULT, "ES256"),
    (None, ClientProfile.FAPI2, "ES256"),
    ("RS256", ClientProfile.FAPI2, "ES256"),
    ("PS256", ClientProfile.FAPI2, "PS256"),
])  # fmt: skip
def test_the_algorithm_is_the_client_s_own(algorithm: str | None, profile: ClientProfile, used: str) -> None:
    assert algorithm_for(replace(PORTAL, **registered(algorithm, profile))) == used


async def test_an_algorithm_without_a_key_is_refused_before_anybody_signs_in(world: World) -> None:
    await world.save(replace(PORTAL, **registered("EdDSA")))
    asked = {"client_id": "portal", "redirect_uri": REDIRECT, "response_type": "code", "scope": "openid"}
    with pytest.raises(AuthorizationRefusedError) as refused:
        await request_validator(world.parts).validate(RequestParameters({**asked, "response_mode": "jwt"}))
    assert isinstance(refused.value.error, NoSigningKeyError)
    assert refused.value.target is not None
    assert not refused.value.target.signed


async def test_without_a_key_of_the_algorithm_nothing_is_made(world: World) -> None:
    with pytest.raises(NoSigningKeyError):
        await signed_responses(world.parts).make(replace(PORTAL, **registered("EdDSA")), ANSWER)


async def test_an_answer_is_encrypted_to_a_client_that_registered_so(world: World) -> None:
    key = RSAKey.generate_key(2048, {"kid": "enc-1", "use": "enc"})
    metadata = {"authorization_encrypted_response_alg": "RSA-OAEP-256", "jwks": {"keys": [key.as_dict(private=False)]}}
    client = replace(PORTAL, metadata=metadata)
    token = await signed_responses(world.parts).make(client, ANSWER)
    opened = jwe.decrypt_compact(token, key, algorithms=["RSA-OAEP-256", "A128CBC-HS256"])
    assert opened.plaintext is not None
    assert world.claims(opened.plaintext.decode())["code"] == "c"


async def test_without_a_key_to_encrypt_to_nothing_is_made(world: World) -> None:
    metadata = {"authorization_encrypted_response_alg": "RSA-OAEP-256", "jwks": {"keys": []}}
    with pytest.raises(TemporarilyUnavailableError):
        await signed_responses(world.parts).make(replace(PORTAL, metadata=metadata), ANSWER)
