"""One rule of the assurance policy as the console's form has it, read into the rules that are proposed."""

import re
from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any, Final

from idp.domain.accounts.account import AccountKind
from idp.domain.country_time import COUNTRY_TIME
from idp.domain.ids import Seconds
from idp.domain.levels.assurance_policy import Act
from idp.domain.levels.assurance_policy_document import SECTIONS, Document
from idp.journeys.administration.errors import InvalidEntryError, NotFoundError

FIELDS: Final = (
    "section", "name", "action", "amount", "level", "fresh_within", "resistance", "possible", "remove", "from"
)  # fmt: skip
"""The fields of the form besides `rule`, which names the rule that is replaced, and `step`."""

_LISTED: Final = "details"
_MONEY: Final = re.compile(r"(?P<amount>[0-9]{1,18}) ?(?P<currency>[A-Z]{3})")
_WORDS: Final = {"accounts": [kind.value for kind in AccountKind], "acts": [act.value for act in Act]}


def keys_of(rules: Document) -> list[str]:
    """Return the key of every rule: `clients:portal`, `details:0`."""
    keys = []
    for section in SECTIONS:
        content = rules.get(section, {})
        names = range(len(content)) if section == _LISTED else content
        keys += [f"{section}:{name}" for name in names]
    return keys


def rule_at(rules: Document, key: str) -> Document:
    """Return one rule. Raises `NotFoundError`."""
    section, _, name = key.partition(":")
    if key not in keys_of(rules):
        raise NotFoundError
    found: Document = rules[section][int(name) if section == _LISTED else name]
    return found


def typed_of(rules: Document, key: str) -> dict[str, str]:
    """Return what the form begins with: the rule at `key`, or an empty one."""
    empty = dict.fromkeys(FIELDS, "") | {"section": "clients", "level": "urn:vn:loa:2"}
    if not key:
        return empty
    section, _, name = key.partition(":")
    rule = rule_at(rules, key)
    money = rule.get("from")
    return empty | {
        "section": section,
        "name": rule["type"] if section == _LISTED else name,
        "action": rule.get("action", ""),
        "amount": f"{money['amount']} {money['currency']}" if money else "",
        "level": rule["level"],
        "fresh_within": str(rule.get("fresh_within", "")),
        "resistance": rule.get("resistance", ""),
        "possible": "yes" if rule.get("where_possible") else "",
    }


def proposed_rules(rules: Document, key: str, typed: Mapping[str, str]) -> Document:
    """Return the rules with the one at `key` replaced, removed, or a new one added. Raises `AdministrationError`."""
    proposed = deepcopy(rules)
    place = _take_out(proposed, key)
    if not typed["remove"]:
        _put_in(proposed, place, typed)
    return {section: content for section, content in proposed.items() if content}


def typed_moment(text: str, now: Seconds) -> Seconds:
    """Return the moment of a `datetime-local` field, as it is in Vietnam; now when nothing was filled in."""
    if not text:
        return now
    try:
        moment = datetime.strptime(text, "%Y-%m-%dT%H:%M").replace(tzinfo=COUNTRY_TIME)
    except ValueError:
        raise InvalidEntryError("from", "malformed") from None
    return Seconds(int(moment.timestamp()))


def _take_out(rules: Document, key: str) -> int | None:
    """The place that a rule for details had; rules are tried in their order, so it keeps it."""
    if not key:
        return None
    rule_at(rules, key)
    section, _, name = key.partition(":")
    if section == _LISTED:
        rules[section].pop(int(name))
        return int(name)
    del rules[section][name]
    return None


def _put_in(rules: Document, place: int | None, typed: Mapping[str, str]) -> None:
    section, name = typed["section"], typed["name"].strip()
    if section not in SECTIONS:
        raise InvalidEntryError("section", "missing")
    if not name:
        raise InvalidEntryError("name", "missing")
    rule = _rule(typed)
    if section == _LISTED:
        listed = rules.setdefault(section, [])
        listed.insert(len(listed) if place is None else place, {"type": name, **_condition(typed), **rule})
        return
    if section in _WORDS and name not in _WORDS[section]:
        raise InvalidEntryError("name", "unknown")
    if name in rules.setdefault(section, {}):
        raise InvalidEntryError("name", "rule_twice")
    rules[section][name] = rule


def _rule(typed: Mapping[str, str]) -> Document:
    rule: Document = {"level": typed["level"]}
    if typed["fresh_within"]:
        rule["fresh_within"] = int(typed["fresh_within"]) if typed["fresh_within"].isdecimal() else -1
    if typed["resistance"]:
        rule["resistance"] = typed["resistance"]
    if typed["possible"]:
        rule["where_possible"] = True
    return rule


def _condition(typed: Mapping[str, str]) -> dict[str, Any]:
    condition: dict[str, Any] = {}
    if typed["action"].strip():
        condition["action"] = typed["action"].strip()
    if amount := typed["amount"].strip():
        money = _MONEY.fullmatch(amount)
        if money is None:
            raise InvalidEntryError("amount", "malformed")
        condition["from"] = {"amount": int(money["amount"]), "currency": money["currency"]}
    return condition
