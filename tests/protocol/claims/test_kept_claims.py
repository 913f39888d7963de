import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from idp.protocol.claims.claims import ClaimsRequest, parse_claims_parameter
from idp.protocol.claims.kept_claims import kept_claims, with_kept_claims
from idp.protocol.tokens.authorization_code import AuthorizationCode
from tests.protocol.world import World

NUMBER, OTHER_NUMBER, NAME = "001099000001", "024301000055", "Hoàng Thị Em"
BY_VALUE = parse_claims_parameter(
    json.dumps(
        {
            "userinfo": {"personal_number": {"values": [OTHER_NUMBER, NUMBER]}, "name": {"value": NAME}},
            "id_token": {"personal_number": {"value": NUMBER}, "name": {"values": [NAME]}, "acr": {"value": "x"}},
        }
    )
).stored()


async def test_a_claim_asked_for_by_value_is_released_when_the_person_has_it(world: World) -> None:
    grant = world.grant(scopes=("openid", "identity"), claims=BY_VALUE)
    response = await world.sign_in(grant=grant)
    assert world.claims(response.id_token)["personal_number"] == NUMBER
    assert (await world.userinfo(response.access_token))["personal_number"] == NUMBER


async def test_a_claim_asked_for_by_another_value_is_left_out(world: World) -> None:
    response = await world.sign_in(grant=world.grant(claims=BY_VALUE))
    assert "name" not in world.claims(response.id_token)
    assert "name" not in await world.userinfo(response.access_token)


async def test_values_asked_for_lie_neither_with_the_code_nor_with_the_grant(world: World, tmp_path: Path) -> None:
    grant = world.grant(claims=BY_VALUE)
    await world.code(replace(grant, grant_id=world.grant().grant_id))
    await world.sign_in(grant=grant)
    kept = await world.stores.grants.get(grant.grant_id)
    assert kept is not None
    assert kept.claims["userinfo"].keys() == {"personal_number", "name"}
    await world.stores.close()
    with closing(sqlite3.connect(tmp_path / "world" / "idp.db")) as connection:
        stored = [
            bytes(value)
            for statement in ("SELECT details FROM grants", "SELECT value FROM short_lived WHERE value IS NOT NULL")
            for (value,) in connection.execute(statement)
        ]
    assert len(stored) >= 2
    for value in (NUMBER, OTHER_NUMBER, NAME, json.dumps(NAME)[1:-1]):
        assert not [row for row in stored if value.encode() in row]


async def test_equal_values_of_two_grants_cannot_be_told_to_be_equal(world: World) -> None:
    one, other = (with_kept_claims(world.keys, world.grant(claims=BY_VALUE)).claims for _ in range(2))
    assert one["id_token"]["name"]["values"] != other["id_token"]["name"]["values"]
    assert one["id_token"]["name"]["values"] == one["userinfo"]["name"]["values"]


async def test_claims_asked_for_without_a_value_are_kept_as_they_are(world: World) -> None:
    claims = parse_claims_parameter('{"userinfo": {"name": {"essential": true}, "email": null}}').stored()
    grant = world.grant(claims=claims)
    claimed = await world.codes.claim(await world.code(grant), world.clock.now())
    assert isinstance(claimed, AuthorizationCode)
    assert ClaimsRequest.from_stored(claimed.grant.claims) == ClaimsRequest.from_stored(claims)


@pytest.mark.parametrize(
    ("wanted", "value", "is_accepted"),
    [
        (2, 2, True),
        (2.0, 2, True),
        (2.5, 2, False),
        ("2", 2, False),
        (1, True, False),
        (True, 1, False),
        (True, True, True),
        (True, "true", False),
        ("a", "a", True),
        ("a", ["a"], False),
        ("a", {"a": "a"}, False),
    ],
)
async def test_a_tag_stands_for_one_value(world: World, wanted: object, value: object, *, is_accepted: bool) -> None:
    claims = parse_claims_parameter(json.dumps({"userinfo": {"name": {"value": wanted}}})).stored()
    demand = kept_claims(world.keys, with_kept_claims(world.keys, world.grant(claims=claims))).userinfo["name"]
    assert demand.accepts(value) is is_accepted
