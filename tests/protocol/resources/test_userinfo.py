from dataclasses import replace

import pytest

from idp.protocol.claims.claims import parse_claims_parameter
from idp.protocol.errors import (
    InsufficientScopeError,
    InvalidRequestError,
    InvalidTokenError,
    NoSigningKeyError,
    OAuthError,
)
from idp.protocol.resources.userinfo import UserinfoRequest
from tests.protocol.tokens.test_access_token import header
from tests.protocol.world import API, ISSUER, ORIGIN, PORTAL, World


async def test_the_subject_is_that_of_the_id_token(world: World) -> None:
    response = await world.sign_in()
    assert await world.userinfo(response.access_token) == {"sub": world.claims(response.id_token)["sub"]}


async def test_claims_come_by_scope_and_by_name(world: World) -> None:
    claims = parse_claims_parameter('{"userinfo": {"personal_number": {"essential": true}}}').stored()
    response = await world.sign_in(grant=world.grant(scopes=("openid", "email"), claims=claims))
    answer = await world.userinfo(response.access_token)
    del answer["sub"]
    assert answer == {"email": "anh@example.vn", "email_verified": True, "personal_number": "001099000001"}


async def test_a_token_in_the_body_of_a_post_is_as_good(world: World) -> None:
    response = await world.sign_in()
    request = UserinfoRequest(None, {}, {"access_token": response.access_token}, ORIGIN)
    assert (await world.userinfo_endpoint(request)).claims == await world.userinfo(response.access_token)


async def test_what_was_released_is_audited_by_name_never_by_value(world: World) -> None:
    response = await world.sign_in(grant=world.grant(scopes=("openid", "identity")))
    await world.userinfo(response.access_token)
    (event,) = await world.audited("claims.released")
    assert (event["at"], event["claims"]) == ("userinfo", ["identity_level", "personal_number"])
    assert "001099000001" not in str(await world.audited())


async def test_a_narrowed_scope_narrows_the_claims(world: World) -> None:
    first = await world.sign_in(grant=world.grant(scopes=("openid", "email")))
    second = await world.refresh(first.refresh_token, scope="openid")
    assert (await world.userinfo(second.access_token)).keys() == {"sub"}


async def test_a_signed_answer_has_issuer_and_audience(world: World) -> None:
    await world.save(replace(PORTAL, userinfo_signed_response_alg="RS256"))
    response = await world.sign_in()
    request = UserinfoRequest(f"Bearer {response.access_token}", {}, {}, ORIGIN)
    token = (await world.userinfo_endpoint(request)).claims
    assert isinstance(token, str)
    assert header(token)["alg"] == "RS256"
    claims = world.claims(token, "JWT")
    assert (claims["iss"], claims["aud"]) == (ISSUER, "portal")
    # Signed answers are of the same type as ID tokens; they are no hints.
    with pytest.raises(InvalidRequestError):
        world.id_tokens.verify_hint(token)


async def test_an_algorithm_without_a_key_is_said_to_be_unavailable(world: World) -> None:
    await world.save(replace(PORTAL, userinfo_signed_response_alg="PS256"))
    response = await world.sign_in()
    with pytest.raises(NoSigningKeyError):
        await world.userinfo(response.access_token)


async def test_a_token_for_another_resource_is_refused(world: World) -> None:
    response = await world.sign_in(API, grant=world.grant(scopes=("openid", "dossier.read")))
    with pytest.raises(InvalidTokenError):
        await world.userinfo(response.access_token)


async def test_a_token_without_openid_is_refused(world: World) -> None:
    response = await world.sign_in(grant=world.grant(scopes=("profile",)))
    with pytest.raises(InsufficientScopeError):
        await world.userinfo(response.access_token)


async def test_a_token_dies_with_its_session(world: World) -> None:
    response = await world.sign_in()
    await world.end_session()
    with pytest.raises(InvalidTokenError):
        await world.userinfo(response.access_token)


async def test_an_id_token_is_no_access_token(world: World) -> None:
    response = await world.sign_in()
    assert response.id_token is not None
    with pytest.raises(InvalidTokenError):
        await world.userinfo(response.id_token)


async def test_every_refusal_is_audited(world: World) -> None:
    request = UserinfoRequest("Bearer x", {"access_token": "x"}, {}, ORIGIN)
    with pytest.raises(OAuthError):
        await world.userinfo_endpoint(request)
    with pytest.raises(OAuthError):
        await world.userinfo("garbage")
    errors = [(event["endpoint"], event["error"]) for event in await world.audited("access.refused")]
    assert errors == [("userinfo", "invalid_request"), ("userinfo", "invalid_token")]


async def test_a_person_of_whom_nothing_is_known_is_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    response = await world.sign_in()

    async def nothing(_account_id: str) -> None:
        return None

    monkeypatch.setattr(world.stores.accounts, "profile", nothing)
    with pytest.raises(InvalidTokenError):
        await world.userinfo(response.access_token)
