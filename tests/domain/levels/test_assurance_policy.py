"""One policy, one resolver: everything that applies is asked together."""

from dataclasses import replace

import pytest

from idp.domain.accounts.account import AccountKind
from idp.domain.grants.detail_outline import DetailOutline
from idp.domain.ids import Seconds
from idp.domain.levels.assurance import REACH_EVERYWHERE, Level, Method, Resistance, reach_of
from idp.domain.levels.assurance_policy import (
    FIRST_POLICY,
    LEVELS,
    Act,
    Asked,
    AssurancePolicy,
    DetailRule,
    RecordedPolicy,
    Rule,
    in_force,
    resolve,
)
from idp.domain.levels.requirement import Requirement

CITIZEN, OFFICER = AccountKind.CITIZEN, AccountKind.OFFICER


def payment(amount: int, currency: str = "VND") -> Asked:
    detail = DetailOutline("payment_initiation", ("initiate",), currency, amount)
    return Asked("gateway", Level.TWO, details=(detail,))


@pytest.mark.parametrize(
    ("asked", "kind", "requirement"),
    [
        (Asked("portal"), CITIZEN, Requirement(Level.ONE)),
        (Asked("portal", Level.TWO), CITIZEN, Requirement(Level.TWO)),
        (Asked("portal", level=Level.TWO), CITIZEN, Requirement(Level.TWO)),
        (Asked("portal", scopes=("openid", "dossier.write")), CITIZEN, Requirement(Level.TWO)),
        (Asked("portal", scopes=("openid", "dossier.read")), CITIZEN, Requirement(Level.ONE)),
        (Asked("ministry"), OFFICER, Requirement(Level.TWO, wished=Resistance.PHISHING_RESISTANT)),
        (Asked("any", details=(DetailOutline("dossier_access", ("read", "write")),)), CITIZEN, Requirement(Level.TWO)),
        (Asked("any", details=(DetailOutline("dossier_access", ("read",)),)), CITIZEN, Requirement(Level.ONE)),
        (payment(5_000_000), CITIZEN, Requirement(Level.TWO)),
        (payment(10_000_000), CITIZEN, Requirement(Level.THREE, 300)),
        (payment(1, "USD"), CITIZEN, Requirement(Level.THREE, 300)),
    ],
)
def test_the_first_version_asks_what_the_administration_decided(
    asked: Asked, kind: AccountKind, requirement: Requirement
) -> None:
    assert resolve(FIRST_POLICY, asked, kind) == requirement


def test_a_level_where_possible_grows_with_the_methods_of_the_installation() -> None:
    policy = FIRST_POLICY.within(REACH_EVERYWHERE)
    assert policy.of_act(Act.DELEGATE, CITIZEN) == Requirement(Level.TWO, 300)
    policy = FIRST_POLICY.within(reach_of(Method))
    assert policy.of_act(Act.DELEGATE, CITIZEN) == Requirement(Level.THREE, 300)


def test_resistance_where_possible_is_wished_of_whoever_has_enrolled_it() -> None:
    assert FIRST_POLICY.of_kind(OFFICER) == Requirement(Level.TWO, wished=Resistance.PHISHING_RESISTANT)
    assert FIRST_POLICY.of_act(Act.ADMINISTER, OFFICER).wished is Resistance.HARDWARE_PROTECTED
    strict = replace(FIRST_POLICY, accounts={OFFICER: Rule(Level.TWO, resistance=Resistance.PHISHING_RESISTANT)})
    assert strict.of_kind(OFFICER) == Requirement(Level.TWO, resistance=Resistance.PHISHING_RESISTANT)


def test_what_cannot_be_carried_out_is_only_left_out_where_the_rule_allows_it() -> None:
    every = AssurancePolicy(
        2,
        Seconds(0),
        accounts={OFFICER: Rule(Level.FOUR, where_possible=True)},
        clients={"bank": Rule(Level.FOUR, where_possible=True)},
        scopes={"a": Rule(Level.THREE, where_possible=True), "b": Rule(Level.THREE)},
        details=(DetailRule("payment_initiation", Rule(Level.FOUR, where_possible=True)),),
    ).within(REACH_EVERYWHERE)
    assert every.of_kind(OFFICER).level is Level.TWO
    assert every.clients["bank"].level is every.details[0].rule.level is every.scopes["a"].level is Level.TWO
    assert every.scopes["b"].level is Level.THREE


def test_what_is_asked_without_that_is_asked_in_vain_rather_than_forgotten() -> None:
    policy = replace(FIRST_POLICY, clients={"bank": Rule(Level.FOUR, resistance=Resistance.PHISHING_RESISTANT)})
    assert not resolve(policy.within(REACH_EVERYWHERE), Asked("bank"), CITIZEN).is_within(REACH_EVERYWHERE)


def test_rules_of_every_sort_are_joined() -> None:
    policy = AssurancePolicy(
        2,
        Seconds(0),
        clients={"portal": Rule(fresh_within=900)},
        scopes={"a": Rule(Level.TWO), "b": Rule(fresh_within=600)},
        details=(DetailRule("dossier_access", Rule(fresh_within=300)),),
    )
    details = (DetailOutline("dossier_access", ("read",)),)
    assert resolve(policy, Asked("portal", scopes=("a", "b"), details=details)) == Requirement(Level.TWO, 300)
    assert resolve(policy, Asked("portal", scopes=("a",))) == Requirement(Level.TWO, 900)


def at(version: int, effective_from: int, recorded_at: int = 0) -> RecordedPolicy:
    return RecordedPolicy(AssurancePolicy(version, Seconds(effective_from)), Seconds(recorded_at))


def test_the_newest_version_whose_time_has_come_counts_and_none_before_it_was_recorded() -> None:
    assert in_force((), Seconds(5)) is FIRST_POLICY
    versions = (at(2, 100), at(3, 50), at(4, 10, recorded_at=200))
    moments = {moment: in_force(versions, Seconds(moment)).version for moment in (49, 50, 99, 100, 199, 200)}
    assert moments == {49: 1, 50: 3, 99: 3, 100: 3, 199: 3, 200: 4}


def test_every_level_is_mapped_by_rank() -> None:
    assert [mapping.level for mapping in LEVELS] == [level for level in Level if level]
