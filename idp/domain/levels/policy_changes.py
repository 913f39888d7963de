"""What tells two policies apart, rule by rule, in the words of their documents."""

from idp.domain.levels.assurance_policy import AssurancePolicy
from idp.domain.levels.assurance_policy_document import SECTIONS, Document, document_of


def changed_rules(before: AssurancePolicy, after: AssurancePolicy) -> dict[str, str]:
    """Return every rule that is new, other or gone: its place, and `what it was → what it becomes`."""
    old, new = rules_of(before), rules_of(after)
    return {
        place: f"{old.get(place, '–')} → {new.get(place, '–')}"
        for place in (*old, *(place for place in new if place not in old))
        if old.get(place) != new.get(place)
    }


def rules_of(policy: AssurancePolicy) -> dict[str, str]:
    """Return every rule by its place, as one line of text; rules for details that are alike are numbered."""
    document, rules = document_of(policy), dict[str, str]()
    for section in SECTIONS:
        content = document.get(section, {})
        if isinstance(content, dict):
            rules |= {f"{section} {name}": _line(rule) for name, rule in content.items()}
        else:
            for rule in content:
                rules[_unused(rules, " ".join((section, *_about(rule))))] = _line(rule)
    return rules


def _about(rule: Document) -> list[str]:
    money = rule.get("from")
    parts = [rule["type"], rule.get("action", ""), f"{money['amount']} {money['currency']}" if money else ""]
    return [part for part in parts if part]


def _line(rule: Document) -> str:
    words = [rule["level"]]
    words += [f"{rule['fresh_within']} s"] if "fresh_within" in rule else []
    words += [rule["resistance"]] if "resistance" in rule else []
    words += ["where possible"] if rule.get("where_possible") else []
    return ", ".join(words)


def _unused(rules: dict[str, str], place: str) -> str:
    number, free = 1, place
    while free in rules:
        number += 1
        free = f"{place} ({number})"
    return free
