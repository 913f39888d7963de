from dataclasses import replace
from typing import Any

import pytest

from idp.domain.accounts.account import AccountKind
from idp.domain.events import PolicyRecorded
from idp.domain.ids import Seconds
from idp.domain.levels.assurance import Level
from idp.domain.levels.assurance_policy import FIRST_POLICY, AssurancePolicy, DetailRule, Rule
from idp.protocol.errors import InvalidGrantError
from idp.protocol.resources.resources import Target
from idp.protocol.tokens.sign_in_strength import SignInStrength, WeakSignInError, proved_level
from tests.domain.grants.test_authorization_detail_types import PAYMENT
from tests.protocol.world import ORIGIN, PORTAL, World

OPENID = Target(("portal",), ("openid",))
PASSWORD_ONLY: dict[str, Any] = {"acr": "urn:vn:loa:1", "amr": ("pwd",)}


async def raised_to(world: World, policy: AssurancePolicy) -> None:
    event = PolicyRecorded(origin=ORIGIN, version=policy.version, effective_from=0)
    assert await world.stores.assurance_policies.add(policy, event)
    world.clock.seconds += 1


async def require(world: World, target: Target = OPENID, kind: AccountKind = AccountKind.CITIZEN, **grant: Any) -> None:
    await SignInStrength(world.stores.assurance_policies).require(PORTAL, world.grant(**grant), kind, target)


def test_what_was_done_counts_also_where_the_client_was_told_less(world: World) -> None:
    assert proved_level(world.grant(acr="LoA1", amr=("mfa", "otp", "pwd"))) is Level.TWO
    assert proved_level(world.grant(acr="urn:vn:loa:2", amr=())) is Level.TWO
    assert proved_level(world.grant(**PASSWORD_ONLY)) is Level.ONE
    assert proved_level(world.grant(acr="unheard-of", amr=())) is Level.NONE


async def test_scopes_details_and_kind_of_account_each_ask_for_their_level(world: World) -> None:
    await require(world, **PASSWORD_ONLY)
    writing = Target(("api",), ("dossier.write",))
    with pytest.raises(WeakSignInError):
        await require(world, writing, **PASSWORD_ONLY)
    await require(world, writing)
    with pytest.raises(WeakSignInError):
        await require(world, kind=AccountKind.OFFICER, **PASSWORD_ONLY)
    details = replace(OPENID, authorization_details=(PAYMENT,))
    await require(world, details, **PASSWORD_ONLY)
    rule = DetailRule("payment_initiation", Rule(Level.TWO))
    await raised_to(world, replace(FIRST_POLICY, version=2, details=(rule,)))
    with pytest.raises(WeakSignInError):
        await require(world, details, **PASSWORD_ONLY)


async def test_age_counts_only_where_something_new_begins(world: World) -> None:
    await raised_to(world, replace(FIRST_POLICY, version=2, clients={"portal": Rule(Level.ONE, 300)}))
    old = world.grant(authenticated_at=Seconds(world.clock.now() - 300))
    strength = SignInStrength(world.stores.assurance_policies)
    await strength.require(PORTAL, old, AccountKind.CITIZEN, OPENID)
    with pytest.raises(WeakSignInError):
        await strength.require(PORTAL, old, AccountKind.CITIZEN, OPENID, fresh_at=world.clock.now())
    fresh = replace(old, authenticated_at=Seconds(world.clock.now() - 299))
    await strength.require(PORTAL, fresh, AccountKind.CITIZEN, OPENID, fresh_at=world.clock.now())


async def test_a_raised_policy_stops_the_next_refresh_and_a_lowered_one_lets_the_grant_go_on(world: World) -> None:
    first = await world.sign_in(grant=world.grant(**PASSWORD_ONLY))
    await raised_to(world, replace(FIRST_POLICY, version=2, clients={"portal": Rule(Level.TWO)}))
    with pytest.raises(InvalidGrantError, match="below the policy in force"):
        await world.refresh(first.refresh_token)
    assert await world.audited("grant.revoked") == []
    await raised_to(world, replace(FIRST_POLICY, version=3))
    assert (await world.refresh(first.refresh_token)).refresh_token
