from dataclasses import replace

from idp.domain.accounts.account import AccountKind
from idp.protocol.claims.claims import parse_claims_parameter
from idp.protocol.tokens.id_token import at_hash
from tests.protocol.world import API, PORTAL, World

STORED = parse_claims_parameter('{"id_token": {"name": null, "personal_number": null, "website": null}}').stored()


async def test_the_id_token_is_bound_to_the_access_token(world: World) -> None:
    response = await world.sign_in()
    assert world.claims(response.id_token)["at_hash"] == at_hash(response.access_token, "ES256")


async def test_without_openid_there_is_no_id_token(world: World) -> None:
    response = await world.sign_in(grant=world.grant(scopes=("dossier.read",), resources=(API,)))
    assert response.id_token is None
    assert response.scopes == ("dossier.read",)


async def test_the_id_token_comes_with_a_token_for_another_resource_too(world: World) -> None:
    response = await world.sign_in(API, grant=world.grant(scopes=("openid", "dossier.read")))
    assert response.id_token is not None
    assert world.claims(response.access_token)["aud"] == API


async def test_no_personal_claim_is_in_the_id_token_unless_it_was_asked_for_there(world: World) -> None:
    response = await world.sign_in(grant=world.grant(scopes=("openid", "profile", "email", "identity")))
    assert world.claims(response.id_token).keys() == {
        *("iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "sid")
    }
    assert await world.audited("claims.released") == []


async def test_claims_asked_for_in_the_id_token_are_there_and_their_release_is_audited_by_name(world: World) -> None:
    response = await world.sign_in(grant=world.grant(claims=STORED))
    claims = world.claims(response.id_token)
    assert claims["name"] == "Nguyễn Thị Ánh"
    assert claims["personal_number"] == "001099000001"
    (event,) = await world.audited("claims.released")
    assert (event["at"], event["claims"]) == ("id_token", ["name", "personal_number"])
    assert "001099000001" not in str(await world.audited())


async def test_claims_that_the_registration_does_not_allow_are_left_out(world: World) -> None:
    await world.save(replace(PORTAL, scopes=frozenset({"openid"})))
    response = await world.sign_in(grant=world.grant(claims=STORED))
    assert world.claims(response.id_token).keys().isdisjoint({"name", "personal_number"})
    assert await world.audited("claims.released") == []


async def test_issued_tokens_are_audited_with_the_transaction_that_starts_the_grant(world: World) -> None:
    grant = world.grant()
    response = await world.sign_in(grant=grant)
    (event,) = await world.audited("tokens.issued")
    assert event["grant_id"] == grant.grant_id
    assert event["account_id"] == world.citizen
    assert event["token_id"] == world.claims(response.access_token)["jti"]
    assert event["generation"] == 0


async def test_an_officer_has_another_subject_than_the_citizen_that_he_is(world: World) -> None:
    officer = await world.stores.accounts.get(world.officer)
    assert officer is not None
    assert officer.kind is AccountKind.OFFICER
    tokens = [await world.sign_in(grant=world.grant(account_id=account)) for account in (world.citizen, world.officer)]
    assert len({world.claims(token.id_token)["sub"] for token in tokens}) == 2
