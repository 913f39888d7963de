from dataclasses import replace
from typing import Any

import pytest

from idp.domain.clients.client import ClientAudience
from idp.domain.levels.assurance import Level, Resistance
from idp.domain.levels.assurance_policy import FIRST_POLICY, Act, Rule
from idp.protocol.errors import (
    InsufficientScopeError,
    InsufficientUserAuthenticationError,
    InvalidTokenError,
    OAuthError,
)
from idp.protocol.resources.administration_access import PATH, SCOPE, AdministrationAccess
from idp.protocol.senders.bearer import NoTokenError
from idp.protocol.senders.possession import NOTHING_SHOWN
from idp.protocol.tokens.sign_in_strength import SignInStrength
from tests.protocol.tokens.test_sign_in_strength import raised_to
from tests.protocol.world import ISSUER, ORIGIN, PORTAL, World

CONSOLE = replace(PORTAL, scopes=PORTAL.scopes | {SCOPE}, audience=ClientAudience.BOTH)


@pytest.fixture
def access(world: World) -> AdministrationAccess:
    strength = SignInStrength(world.stores.assurance_policies)
    return AdministrationAccess(ISSUER, world.state, world.parts.constraints, strength, world.refusals, world.clock)


async def token(world: World, **changes: Any) -> str:
    await world.save(CONSOLE)
    options = {"scopes": ("openid", SCOPE), "account_id": world.officer} | changes
    response = await world.sign_in(ISSUER + PATH, grant=world.grant(**options))
    return f"Bearer {response.access_token}"


async def test_the_caller_is_the_officer_who_signed_in(world: World, access: AdministrationAccess) -> None:
    caller = await access.caller(await token(world), NOTHING_SHOWN, ORIGIN)
    assert (caller.account_id, caller.client_id) == (world.officer, "portal")


async def test_a_token_for_userinfo_is_refused(world: World, access: AdministrationAccess) -> None:
    response = await world.sign_in()
    with pytest.raises(InvalidTokenError):
        await access.caller(f"Bearer {response.access_token}", NOTHING_SHOWN, ORIGIN)


async def test_a_sign_in_with_one_factor_is_not_enough(world: World, access: AdministrationAccess) -> None:
    weak = await token(world, acr="urn:vn:loa:1", amr=("pwd",))
    with pytest.raises(InsufficientUserAuthenticationError):
        await access.caller(weak, NOTHING_SHOWN, ORIGIN)


async def test_the_policy_decides_how_fresh_an_administrator_has_signed_in(
    world: World, access: AdministrationAccess
) -> None:
    await raised_to(world, replace(FIRST_POLICY, version=2, acts={Act.ADMINISTER: Rule(Level.TWO, 300)}))
    good = await token(world)
    await access.caller(good, NOTHING_SHOWN, ORIGIN)
    world.clock.seconds += 295
    with pytest.raises(InsufficientUserAuthenticationError) as refused:
        await access.caller(good, NOTHING_SHOWN, ORIGIN)
    assert (refused.value.acr_values, refused.value.max_age) == ("urn:vn:loa:2", 300)


async def test_what_is_missing_is_told_so_that_the_client_can_ask_for_it(
    world: World, access: AdministrationAccess
) -> None:
    rule = Rule(Level.THREE, resistance=Resistance.HARDWARE_PROTECTED)
    await raised_to(world, replace(FIRST_POLICY, version=2, acts={Act.ADMINISTER: rule}))
    with pytest.raises(InsufficientUserAuthenticationError) as refused:
        await access.caller(await token(world), NOTHING_SHOWN, ORIGIN)
    assert (refused.value.acr_values, refused.value.max_age) == ("phrh urn:vn:loa:3", None)


async def test_a_token_of_a_client_is_nobodys(world: World, access: AdministrationAccess) -> None:
    await world.save(replace(CONSOLE, grant_types=CONSOLE.grant_types | {"client_credentials"}))
    response = await world.token({"grant_type": "client_credentials", "scope": SCOPE}, ISSUER + PATH)
    with pytest.raises(InsufficientScopeError):
        await access.caller(f"Bearer {response.access_token}", NOTHING_SHOWN, ORIGIN)


async def test_a_token_dies_with_its_grant(world: World, access: AdministrationAccess) -> None:
    good = await token(world)
    await world.revoke(good.removeprefix("Bearer "))
    with pytest.raises(InvalidTokenError):
        await access.caller(good, NOTHING_SHOWN, ORIGIN)


@pytest.mark.parametrize("authorization", [None, "Basic eDp5", "Bearer"])
async def test_without_a_token_nobody_calls(access: AdministrationAccess, authorization: str | None) -> None:
    with pytest.raises(NoTokenError):
        await access.caller(authorization, NOTHING_SHOWN, ORIGIN)


async def test_every_refusal_is_audited(world: World, access: AdministrationAccess) -> None:
    with pytest.raises(OAuthError):
        await access.caller("Bearer garbage", NOTHING_SHOWN, ORIGIN)
    (event,) = await world.audited("access.refused")
    assert (event["endpoint"], event["error"]) == ("administration", "invalid_token")
