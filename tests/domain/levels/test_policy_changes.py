"""What a change does is told rule by rule."""

from dataclasses import replace

from idp.domain.levels.assurance import Level, Resistance
from idp.domain.levels.assurance_policy import FIRST_POLICY, DetailRule, Rule
from idp.domain.levels.policy_changes import changed_rules, rules_of


def test_the_same_rules_are_no_change() -> None:
    assert changed_rules(FIRST_POLICY, replace(FIRST_POLICY, version=2)) == {}


def test_new_other_and_removed_rules_are_told_by_their_place() -> None:
    after = replace(
        FIRST_POLICY,
        scopes={},
        clients={"portal": Rule(Level.TWO, 300, Resistance.PHISHING_RESISTANT, where_possible=True)},
        details=(*FIRST_POLICY.details[:1], replace(FIRST_POLICY.details[1], rule=Rule(Level.TWO))),
    )
    assert changed_rules(FIRST_POLICY, after) == {
        "scopes dossier.write": "urn:vn:loa:2 → –",
        "clients portal": "– → urn:vn:loa:2, 300 s, phr, where possible",
        "details payment_initiation 10000000 VND": "urn:vn:loa:3, 300 s → urn:vn:loa:2",
    }


def test_rules_for_the_same_details_are_told_apart() -> None:
    twice = replace(
        FIRST_POLICY, details=(DetailRule("dossier_access", Rule(Level.TWO)), DetailRule("dossier_access", Rule()))
    )
    assert {"details dossier_access", "details dossier_access (2)"} <= rules_of(twice).keys()
