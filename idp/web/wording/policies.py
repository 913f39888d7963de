"""The words of the assurance policy's pages that are chosen by a code."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from idp.web.wording.words import marked

POLICIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "room.policies": marked("Assurance policy"),
        "section.accounts": marked("Kind of account"),
        "section.clients": marked("Service"),
        "section.scopes": marked("Scope"),
        "section.details": marked("Authorization details"),
        "section.acts": marked("Act on our own pages"),
        "rule.citizen": marked("Citizens"),
        "rule.officer": marked("Officers"),
        "rule.delegate": marked("Giving somebody else power to act"),
        "rule.administer": marked("Administering"),
        "policy_state.in_force": marked("In force"),
        "policy_state.scheduled": marked("Counts from its date on"),
        "policy_state.overtaken": marked("Overtaken before its date"),
        "policy_state.former": marked("Former"),
        "change.policy.change": marked("Change the assurance policy"),
        "fact.policy.effective_from": marked("Counts from, at the earliest"),
        "fact.policy.sign_ins": marked("Sign-ins of the last 7 days"),
        "fact.policy.more": marked("Of these with one more step"),
        "fact.policy.failed": marked("Of these that would have failed"),
        "problem.rule_twice": marked("There is a rule for this already: change that one."),
        "problem.moment_over": marked("Choose a moment that is not over."),
        "problem.nothing_changes": marked("This changes nothing."),
    }
)
