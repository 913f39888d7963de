import json
from dataclasses import replace

import pytest

from idp.domain.clients.registered_metadata import Encryption
from idp.domain.grants.grant import Grant
from idp.domain.ids import Seconds
from idp.protocol.errors import InvalidRequestError, NoSigningKeyError
from idp.protocol.tokens.id_token import LIFETIME, IdTokens, at_hash
from tests.protocol.tokens.test_access_token import header
from tests.protocol.world import ISSUER, OTHER, PORTAL, SESSION, World


def issue(world: World, grant: Grant | None = None) -> str:
    return world.id_tokens.issue(PORTAL, grant or world.grant(), "token", nonce="n", personal_claims={})


def test_the_claims_are_those_of_openid_connect_core(world: World) -> None:
    claims = world.claims(issue(world), "JWT")
    now = world.clock.now()
    assert claims == {
        "iss": ISSUER,
        "sub": world.keys.pairwise_subject("localhost:8001", world.citizen),
        "aud": "portal",
        "iat": now,
        "exp": now + LIFETIME,
        "auth_time": now - 10,
        "nonce": "n",
        "acr": "urn:vn:loa:2",
        "amr": ["mfa", "otp", "pwd"],
        "at_hash": at_hash("token", "ES256"),
        "sid": world.keys.client_session_id(PORTAL.client_id, SESSION),
    }


def test_the_hash_of_the_access_token_is_the_left_half_by_the_algorithm_s_hash_function() -> None:
    # OpenID Connect Core appendix A.3.
    assert at_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y", "RS256") == "77QmUPtjPfzWtF2AnpK9RQ"
    assert len(at_hash("x", "EdDSA")) == 43


@pytest.mark.parametrize(("client", "algorithm"), [(PORTAL, "ES256"), (OTHER, "RS256")])
def test_the_algorithm_is_the_registered_one_and_the_key_is_named(world: World, client: object, algorithm: str) -> None:
    registered = PORTAL if client is PORTAL else OTHER
    token = world.id_tokens.issue(registered, world.grant(registered), "token", nonce=None, personal_claims={})
    assert header(token)["alg"] == algorithm
    assert header(token)["kid"]


def test_an_algorithm_without_a_key_is_said_to_be_unavailable(world: World) -> None:
    client = replace(PORTAL, id_token_signed_response_alg="PS256")
    with pytest.raises(NoSigningKeyError):
        world.id_tokens.issue(client, world.grant(), "token", nonce=None, personal_claims={})


def test_without_a_nonce_in_the_request_there_is_none_in_the_token(world: World) -> None:
    token = world.id_tokens.issue(PORTAL, world.grant(), "token", nonce=None, personal_claims={})
    assert "nonce" not in world.claims(token)


def test_acr_and_amr_are_never_empty(world: World) -> None:
    assert world.claims(issue(world, world.grant(acr="", amr=()))).keys().isdisjoint({"acr", "amr"})


def test_two_clients_cannot_join_people_by_session(world: World) -> None:
    grant = world.grant()
    tokens = [world.id_tokens.issue(client, grant, "t", nonce=None, personal_claims={}) for client in (PORTAL, OTHER)]
    assert len({world.claims(token)["sid"] for token in tokens}) == 2


def test_personal_claims_never_replace_those_of_the_sign_in(world: World) -> None:
    forged = {"sub": "x", "aud": "x", "iss": "x", "name": "N"}
    claims = world.claims(world.id_tokens.issue(PORTAL, world.grant(), "t", nonce=None, personal_claims=forged))
    assert claims["name"] == "N"
    assert (claims["iss"], claims["aud"]) == (ISSUER, "portal")
    assert claims["sub"] != "x"


def test_a_hint_may_have_expired(world: World) -> None:
    token = issue(world)
    world.clock.seconds += 86_400
    hint = world.id_tokens.verify_hint(token)
    assert hint.client_id == "portal"
    assert hint.subject == world.keys.pairwise_subject("localhost:8001", world.citizen)
    assert hint.client_session_id == world.keys.client_session_id(PORTAL.client_id, SESSION)


def test_a_hint_must_be_an_id_token_of_this_provider(world: World) -> None:
    claims = world.claims(issue(world))
    body = issue(world).split(".")[1]
    elsewhere = IdTokens("http://localhost:9000", world.signer, world.keys, world.clock, world.parts.encryption)
    sign = world.signer.sign
    strangers = [
        "",
        "garbage",
        f"eyJhbGciOiJub25lIn0.{body}.",
        f"eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{body}.",
        elsewhere.issue(PORTAL, world.grant(), "t", nonce=None, personal_claims={}),
        sign(claims, algorithm="ES256", token_type="at+jwt"),
        sign(claims, algorithm="ES256", token_type="logout+jwt"),
        sign({"iss": ISSUER, "sub": "x", "aud": "portal"}, algorithm="ES256", token_type="JWT"),
        sign(claims | {"aud": ["portal", "other"]}, algorithm="ES256", token_type="JWT"),
        sign(claims | {"sub": None}, algorithm="ES256", token_type="JWT"),
    ]
    for stranger in strangers:
        with pytest.raises(InvalidRequestError):
            world.id_tokens.verify_hint(stranger)


def test_the_sign_in_s_own_time_is_told_not_that_of_the_token(world: World) -> None:
    token = issue(world, world.grant(authenticated_at=Seconds(1_700_000_000)))
    assert world.claims(token)["auth_time"] == 1_700_000_000


def test_a_hint_may_be_encrypted_to_one_of_our_keys(world: World) -> None:
    keys = json.loads(world.signer.jwks())["keys"]
    encrypted = world.parts.encryption.encrypt(issue(world), keys, Encryption("ECDH-ES", "A256GCM"), content_type="JWT")
    assert world.id_tokens.verify_hint(encrypted).client_id == "portal"
    strangers = ["a.b.c.d.e", encrypted[:-4] + "AAAA"]
    for stranger in strangers:
        with pytest.raises(InvalidRequestError):
            world.id_tokens.verify_hint(stranger)
