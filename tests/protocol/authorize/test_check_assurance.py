from dataclasses import replace
from typing import Any

import pytest

from idp.domain.accounts.account import AccountKind
from idp.domain.events import PolicyRecorded
from idp.domain.ids import Seconds
from idp.domain.levels import assurance_policy
from idp.domain.levels.assurance import Level, Method, Resistance, reach_of
from idp.domain.levels.assurance_policy import FIRST_POLICY, AssurancePolicy, DetailRule, Rule
from idp.domain.levels.requirement import Requirement
from idp.protocol.authorize.check_assurance import AskedAcr, AssuranceChecks, RequiredAssurance, check_acr
from idp.protocol.claims.claims import NOTHING_REQUESTED, parse_claims_parameter
from idp.protocol.errors import UnmetAuthenticationRequirementsError
from tests.domain.grants.test_authorization_detail_types import DOSSIER, PAYMENT
from tests.protocol.world import ORIGIN, PORTAL, World

ONE, TWO = "urn:vn:loa:1", "urn:vn:loa:2"


def asked_by_values(values: str) -> AskedAcr:
    return check_acr(PORTAL, {"acr_values": values}, NOTHING_REQUESTED)


def essential(*values: str) -> Any:
    listed = ",".join(f'"{value}"' for value in values)
    return parse_claims_parameter(f'{{"id_token":{{"acr":{{"essential":true,"values":[{listed}]}}}}}}')


def test_of_the_values_asked_for_the_first_in_reach_is_taken() -> None:
    assert check_acr(PORTAL, {}, NOTHING_REQUESTED) == AskedAcr()
    assert asked_by_values(f"{TWO} {ONE}") == AskedAcr(Level.TWO, values=(TWO, ONE))
    assert asked_by_values(f"{ONE} {TWO}").level is Level.ONE


def test_a_voluntary_value_out_of_reach_is_passed_over() -> None:
    assert asked_by_values("urn:vn:loa:4 unheard-of") == AskedAcr(values=("urn:vn:loa:4", "unheard-of"))
    wanted = parse_claims_parameter('{"id_token":{"acr":{"values":["urn:vn:loa:4"]}}}')
    assert check_acr(PORTAL, {}, wanted).level is Level.ONE


def test_the_claims_parameter_comes_before_acr_values_and_these_before_the_registration() -> None:
    client = replace(PORTAL, default_acr_values=(TWO,))
    assert check_acr(client, {}, NOTHING_REQUESTED) == AskedAcr(Level.TWO, values=(TWO,))
    assert check_acr(client, {"acr_values": ONE}, NOTHING_REQUESTED).values == (ONE,)
    assert check_acr(PORTAL, {"acr_values": ONE}, essential(TWO)) == AskedAcr(Level.TWO, values=(TWO,))


@pytest.mark.parametrize("values", [("urn:vn:loa:3",), ("phrh",), ("phrh", "urn:vn:loa:4")])
def test_an_essential_value_that_cannot_be_reached_is_refused(values: tuple[str, ...]) -> None:
    with pytest.raises(UnmetAuthenticationRequirementsError):
        check_acr(PORTAL, {}, essential(*values))


def test_resistance_to_phishing_that_nothing_proves_is_passed_over_where_it_is_voluntary() -> None:
    assert asked_by_values(f"phrh {TWO}") == AskedAcr(Level.TWO, Resistance.NONE, ("phrh", TWO))
    assert asked_by_values("phrh urn:vn:loa:4") == AskedAcr(values=("phrh", "urn:vn:loa:4"))
    assert check_acr(PORTAL, {}, essential("phrh", TWO)).level is Level.TWO


def test_what_more_methods_prove_is_in_reach_where_they_are() -> None:
    everything = reach_of(Method)
    assert check_acr(PORTAL, {"acr_values": "urn:vn:loa:4"}, NOTHING_REQUESTED, everything).level is Level.FOUR
    assert check_acr(PORTAL, {}, essential("phrh"), everything).resistance is Resistance.HARDWARE_PROTECTED


def test_resistance_that_a_method_proves_is_asked_for_and_no_level_with_it() -> None:
    assert asked_by_values(f"phrh phr {TWO}") == AskedAcr(
        Level.ONE, Resistance.PHISHING_RESISTANT, ("phrh", "phr", TWO)
    )


async def required(world: World, policy: AssurancePolicy | None = None, **changes: Any) -> RequiredAssurance:
    scopes, details = changes.pop("scopes", ("openid",)), changes.pop("details", ())
    if policy is not None:
        event = PolicyRecorded(origin=ORIGIN, version=policy.version, effective_from=0)
        assert await world.stores.assurance_policies.add(policy, event)
        world.clock.seconds += 1
    checks = AssuranceChecks(world.stores.assurance_policies)
    return await checks.check(replace(PORTAL, **changes), {}, NOTHING_REQUESTED, scopes, details)


async def test_what_is_required_is_the_strictest_of_registration_request_and_policy(world: World) -> None:
    assert (await required(world)).requirement == Requirement(Level.ONE)
    assert (await required(world, minimum_level=Level.TWO)).requirement == Requirement(Level.TWO)
    assert (await required(world, scopes=("openid", "dossier.write"))).requirement == Requirement(Level.TWO)
    assert (await required(world, details=(DOSSIER,))).requirement == Requirement(Level.TWO)
    assert (await required(world, details=(PAYMENT,))).requirement == Requirement(Level.ONE)


async def test_what_nobody_here_can_prove_is_refused_before_anybody_signs_in(world: World) -> None:
    great = {**PAYMENT, "instructedAmount": {"currency": "VND", "amount": "10000000"}}
    with pytest.raises(UnmetAuthenticationRequirementsError):
        await required(world, details=(great,))
    with pytest.raises(UnmetAuthenticationRequirementsError):
        await required(world, minimum_level=Level.FOUR)


async def test_a_policy_that_was_recorded_counts_for_the_next_request(world: World) -> None:
    payments = (DetailRule("payment_initiation", Rule(Level.TWO, 300), currency="VND", amount=1_000_000),)
    stricter = replace(FIRST_POLICY, version=2, details=payments)
    found = await required(world, stricter, details=(PAYMENT,))
    assert found.requirement == Requirement(Level.TWO, 300)
    assert found.policy.version == 2


async def test_the_kind_of_account_adds_what_the_policy_asks_of_it(world: World) -> None:
    found = await required(world)
    assert found.of(AccountKind.CITIZEN) == Requirement(Level.ONE)
    assert found.of(AccountKind.OFFICER) == Requirement(Level.TWO, wished=Resistance.PHISHING_RESISTANT)
    asked = found.asked
    for kind in AccountKind:
        assert found.of(kind) == assurance_policy.resolve(found.policy, asked, kind)


async def test_what_was_judged_is_kept_without_what_is_nobodys_business(world: World) -> None:
    asked = (await required(world, details=(PAYMENT,))).asked
    assert asked.details[0].amount == 1_000_000
    assert PAYMENT["creditorName"] not in str(asked)
    assert FIRST_POLICY.effective_from == Seconds(0)
