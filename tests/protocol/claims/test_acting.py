from dataclasses import replace

import pytest

from idp.domain.clients.client import Client
from idp.domain.events import MandateEnded
from idp.domain.grants.grant import Grant
from idp.domain.ids import Seconds
from idp.domain.representation.mandate import Function, Mandate, MandateEnd
from idp.domain.representation.principal import PrincipalKind
from idp.protocol.claims.acting import AuthorityEndedError
from idp.protocol.errors import InvalidGrantError, InvalidTokenError
from tests.protocol.world import ORIGIN, World
from tests.protocol.world import OTHER as OTHER_SERVICE
from tests.protocol.world import PORTAL as SERVICE

HOUR = 3600
PORTAL, OTHER = (replace(each, scopes=each.scopes | {"authority"}) for each in (SERVICE, OTHER_SERVICE))
PAYMENT = {"type": "payment_initiation"}
GIVER = "001085000002"
TOLD = MandateEnded(origin=ORIGIN, mandate_id="m", principal="person:m", end="revoked")


def listing(*claims: str) -> Client:
    """The portal with an allow-list."""
    return replace(PORTAL, metadata={"claims": {name: {"purpose": "x", "legal_basis": "law"} for name in claims}})


async def mandated(world: World, *services: str) -> Grant:
    """A grant for somebody who gave the citizen a mandate."""
    person = await world.stores.accounts.find(GIVER)
    citizen = await world.stores.accounts.get(world.citizen)
    assert person is not None
    assert citizen is not None
    now = world.clock.now()
    mandate = Mandate(
        mandate_id="m",
        giver_kind=PrincipalKind.PERSON,
        giver=person.person_id,
        holder=citizen.person_id,
        services=frozenset(PORTAL.client_id if name == "portal" else OTHER.client_id for name in services),
        functions=frozenset({Function.VIEW}),
        valid_from=now,
        valid_to=Seconds(now + HOUR),
        created_by=person.person_id,
        created_at=now,
        agreed_at=now,
    )
    await world.stores.mandates.propose(mandate, TOLD)
    await world.stores.mandates.accept("m", citizen.person_id, now, TOLD)
    await world.save(PORTAL)
    return world.grant(scopes=("openid", "profile"), offline=True, principal="person:m")


async def test_who_acts_for_nobody_else_stands_on_nothing_and_has_no_claim(world: World) -> None:
    grant = world.grant()
    assert await world.parts.acting.authority(grant, PORTAL) is None
    assert await world.parts.acting.required(grant, PORTAL, ORIGIN) is None
    assert world.parts.acting.claims(None, grant, PORTAL, named=True) == {}


async def test_a_mandate_counts_for_the_client_that_is_told(world: World) -> None:
    grant = await mandated(world, "portal")
    authority = await world.parts.acting.authority(grant, PORTAL)
    assert authority is not None
    with pytest.raises(AuthorityEndedError):
        await world.parts.acting.authority(grant, OTHER)


async def test_names_are_told_only_to_who_may_know_names(world: World) -> None:
    grant = await mandated(world, "portal")
    authority = await world.parts.acting.authority(grant, PORTAL)
    acting = world.parts.acting
    assert "name" in acting.claims(authority, grant, PORTAL, named=True)["authority"]["applies_to"]
    unnamed = replace(grant, scopes=("openid",))
    assert "name" not in acting.claims(authority, unnamed, PORTAL, named=True)["authority"]["applies_to"]
    assert "name" not in acting.claims(authority, grant, PORTAL)["authority"]["applies_to"]


async def test_an_allow_list_without_names_keeps_the_names_of_principals_too(world: World) -> None:
    grant = await mandated(world, "portal")
    authority = await world.parts.acting.authority(grant, PORTAL)
    acting = world.parts.acting
    unnamed = acting.claims(authority, grant, listing("authority", "birthdate"), named=True)
    assert unnamed["authority"]["applies_to"].keys() == {"sub"}
    named = acting.claims(authority, grant, listing("authority", "name"), named=True)
    assert named["authority"]["applies_to"].keys() == {"sub", "name"}


async def test_who_may_not_be_told_of_principals_any_more_gets_no_answer_that_hides_one(world: World) -> None:
    grant = await mandated(world, "portal")
    response = await world.sign_in(grant=grant)
    assert "authority" in await world.userinfo(response.access_token)
    always = replace(listing("name"), metadata={**listing("name").metadata, "serves_organisations": True})
    assert await world.parts.acting.authority(grant, always) is not None
    await world.save(listing("name"))
    with pytest.raises(InvalidTokenError):
        await world.userinfo(response.access_token)
    assert await world.introspect(response.access_token) == {"active": False}
    with pytest.raises(InvalidGrantError, match="authority"):
        await world.refresh(response.refresh_token)


async def test_details_that_the_mandate_does_not_allow_any_more_end_the_grant(world: World) -> None:
    grant = await mandated(world, "portal")
    viewing = {"type": "dossier_access", "actions": ["read"]}
    assert await world.parts.acting.authority(replace(grant, authorization_details=(viewing,)), PORTAL) is not None
    paying = replace(grant, authorization_details=(viewing, PAYMENT))
    with pytest.raises(AuthorityEndedError):
        await world.parts.acting.authority(paying, PORTAL)
    with pytest.raises(InvalidGrantError, match="authority"):
        await world.parts.acting.required(paying, PORTAL, ORIGIN)


async def test_first_tokens_are_refused_once_the_authority_ended(world: World) -> None:
    grant = await mandated(world, "portal")
    code = await world.code(grant)
    await world.stores.mandates.end("m", MandateEnd.REVOKED, world.clock.now(), TOLD)
    with pytest.raises(InvalidGrantError, match="authority"):
        await world.redeem(code)


async def test_a_refresh_after_the_end_ends_the_family(world: World) -> None:
    grant = await mandated(world, "portal")
    response = await world.sign_in(grant=grant)
    world.clock.seconds += HOUR
    with pytest.raises(InvalidGrantError, match="authority"):
        await world.refresh(response.refresh_token)
    stored = await world.stores.grants.get(grant.grant_id)
    assert stored is not None
    assert stored.revoked_at is not None
    with pytest.raises(InvalidGrantError, match="revoked"):
        await world.refresh(response.refresh_token)


async def test_access_tokens_stop_working_here_at_that_moment(world: World) -> None:
    response = await world.sign_in(grant=await mandated(world, "portal"))
    assert (await world.introspect(response.access_token))["authority"]["granted_by"] == {"method": "delegated"}
    await world.stores.mandates.end("m", MandateEnd.REVOKED, world.clock.now(), TOLD)
    assert await world.introspect(response.access_token) == {"active": False}
    with pytest.raises(InvalidTokenError):
        await world.userinfo(response.access_token)
