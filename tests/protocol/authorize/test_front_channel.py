import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from idp.assembly.authorization import authorization_parts
from idp.domain.clients.client_policy import ClientProfile
from idp.protocol.authorize.request import ResponseTarget
from idp.protocol.claims.claims import parse_claims_parameter
from idp.protocol.errors import InvalidTokenError
from idp.protocol.tokens.id_token import at_hash
from tests.domain.grants.test_authorization_detail_types import DOSSIER, PAYMENT
from tests.protocol.authorize.signed_in import asked, signed_in
from tests.protocol.world import API, ORIGIN, PORTAL, REDIRECT, World

ES256 = "ES256"
LEGACY = replace(PORTAL, profile=ClientProfile.LEGACY, grant_types=PORTAL.grant_types | {"implicit"})


async def answered(world: World, *response_types: str, **changes: Any) -> dict[str, str]:
    target = ResponseTarget(REDIRECT, "fragment", "xyz")
    wanted = {"client": LEGACY, "target": target, "nonce": "n-0S6", "response_types": frozenset(response_types)}
    request = asked(**{**wanted, **changes})
    response = await authorization_parts(world.parts).responder.grant(request, signed_in(world), ORIGIN)
    return dict(response.parameters)


@pytest.mark.parametrize(("response_types", "members"), [
    (("code",), {"code"}),
    (("id_token",), {"id_token"}),
    (("id_token", "token"), {"id_token", "access_token", "token_type", "expires_in", "scope"}),
    (("code", "id_token"), {"code", "id_token"}),
    (("code", "token"), {"code", "access_token", "token_type", "expires_in", "scope"}),
    (("code", "id_token", "token"), {"code", "id_token", "access_token", "token_type", "expires_in", "scope"}),
])  # fmt: skip
async def test_what_is_asked_for_is_returned_and_nothing_else(
    world: World, response_types: tuple[str, ...], members: set[str]
) -> None:
    answer = await answered(world, *response_types)
    assert answer.keys() - {"state", "iss", "session_state"} == members
    if "access_token" in members:
        assert answer["token_type"] == "Bearer"
        assert answer["expires_in"].isdecimal()


async def test_an_id_token_is_bound_to_what_comes_with_it(world: World) -> None:
    answer = await answered(world, "code", "id_token", "token")
    claims = world.claims(answer["id_token"])
    assert claims["nonce"] == "n-0S6"
    assert claims["c_hash"] == at_hash(answer["code"], ES256)
    assert claims["at_hash"] == at_hash(answer["access_token"], ES256)
    assert claims["s_hash"] == at_hash("xyz", ES256)


async def test_a_hash_of_what_is_not_there_is_not_there(world: World) -> None:
    alone = await answered(world, "id_token", target=ResponseTarget(REDIRECT, "fragment", None))
    assert world.claims(alone["id_token"]).keys().isdisjoint({"c_hash", "at_hash", "s_hash"})
    with_code = world.claims((await answered(world, "code", "id_token"))["id_token"])
    assert "c_hash" in with_code
    assert "at_hash" not in with_code


async def test_a_state_beyond_ascii_is_hashed_as_it_is_sent(world: World) -> None:
    answer = await answered(world, "id_token", target=ResponseTarget(REDIRECT, "fragment", "trạng thái"))
    assert world.claims(answer["id_token"])["s_hash"] == at_hash("trạng thái", ES256)


async def test_without_an_access_token_the_id_token_holds_the_claims_of_the_scopes(world: World) -> None:
    alone = world.claims((await answered(world, "id_token"))["id_token"])
    assert alone["name"] == "Nguyễn Thị Ánh"
    beside = world.claims((await answered(world, "id_token", "token"))["id_token"])
    assert "name" not in beside


async def test_claims_asked_for_there_stand_in_the_id_token(world: World) -> None:
    claims = parse_claims_parameter('{"id_token":{"nickname":null}}')
    answer = await answered(world, "id_token", "token", claims=claims)
    assert world.claims(answer["id_token"])["nickname"] == "Ánh"
    (event,) = await world.audited("claims.released")
    assert (event["at"], event["claims"]) == ("id_token", ["nickname"])
    assert "Ánh" not in str(event)


async def test_verified_claims_asked_for_there_stand_in_the_id_token_and_are_audited_by_name(world: World) -> None:
    element = {"verification": {"trust_framework": None}, "claims": {"birthdate": None}}
    request = parse_claims_parameter(json.dumps({"id_token": {"verified_claims": element}}))
    claims = world.claims((await answered(world, "code", "id_token", claims=request))["id_token"])
    assert claims["verified_claims"] == {
        "verification": {"trust_framework": "vn_eid"},
        "claims": {"birthdate": "1999-01-02"},
    }
    (released,) = await world.audited("claims.released")
    assert "verified_claims.claims.birthdate" in released["claims"]


async def test_the_access_token_works_until_the_session_ends(world: World) -> None:
    token = (await answered(world, "id_token", "token"))["access_token"]
    assert (await world.userinfo(token))["name"] == "Nguyễn Thị Ánh"
    await world.end_session()
    with pytest.raises(InvalidTokenError):
        await world.userinfo(token)


async def test_it_never_outlives_its_session_although_access_offline_was_granted(world: World) -> None:
    answer = await answered(world, "code", "token", scopes=("openid", "offline_access"))
    assert answer["scope"] == "openid"
    claims = world.claims(answer["access_token"])
    grant = await world.stores.grants.get(claims["gid"])
    assert grant is not None
    assert (grant.offline, grant.expires_at) == (False, signed_in(world).session.expires_at)


async def test_it_is_for_the_resources_that_were_asked_for(world: World) -> None:
    answer = await answered(world, "id_token", "token", scopes=("openid", "dossier.read"), resources=(API,))
    claims = world.claims(answer["access_token"])
    assert (claims["aud"], claims["scope"]) == (API, "dossier.read")


async def test_the_code_beside_it_is_redeemed_on_its_own(world: World) -> None:
    answer = await answered(world, "code", "id_token", "token")
    fields = {"grant_type": "authorization_code", "code": answer["code"], "redirect_uri": REDIRECT}
    first, second = world.claims(answer["access_token"]), world.claims((await world.token(fields)).access_token)
    assert first["gid"] != second["gid"]
    assert first["sub"] == second["sub"]


async def test_one_yes_to_a_payment_makes_one_token_for_it(world: World) -> None:
    both = await answered(world, "code", "token", authorization_details=(PAYMENT, DOSSIER))
    assert world.claims(both["access_token"])["authorization_details"] == [DOSSIER]
    fields = {"grant_type": "authorization_code", "code": both["code"], "redirect_uri": REDIRECT}
    redeemed = world.claims((await world.token(fields)).access_token)
    assert redeemed["authorization_details"] == [PAYMENT, DOSSIER]
    alone = await answered(world, "id_token", "token", authorization_details=(PAYMENT, DOSSIER))
    assert world.claims(alone["access_token"])["authorization_details"] == [PAYMENT, DOSSIER]


async def test_a_session_that_ended_meanwhile_gives_no_token(world: World) -> None:
    await world.end_session()
    answer = await answered(world, "id_token", "token")
    assert answer["error"] == "login_required"
    assert answer.keys().isdisjoint({"access_token", "id_token", "code"})


async def test_every_token_is_recorded(world: World) -> None:
    answers = await asyncio.gather(*(answered(world, "id_token", "token") for _ in range(20)))
    issued = {event["token_id"] for event in await world.audited("tokens.issued")}
    assert issued == {world.claims(answer["access_token"])["jti"] for answer in answers}
