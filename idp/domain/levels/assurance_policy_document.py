"""A policy as people write it: in import files, in the JSON API, in a change that waits for a second pair of eyes.

    {accounts: {officer: {level: urn:vn:loa:2, resistance: phr, where_possible: true}},
     clients: {payment-gateway: {level: urn:vn:loa:2, fresh_within: 900}},
     scopes: {dossier.write: {level: urn:vn:loa:2}},
     details: [{type: payment_initiation, from: {amount: 10000000, currency: VND}, level: urn:vn:loa:3}],
     acts: {delegate: {level: urn:vn:loa:3, fresh_within: 300, where_possible: true}}}

What is left out asks nothing. `version` and `effective_from` stand beside, and are not read here.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, TypeVar

from idp.domain.accounts.account import AccountKind
from idp.domain.grants.authorization_detail_types import DETAIL_TYPES
from idp.domain.grants.detail_outline import AMOUNTS
from idp.domain.ids import Seconds
from idp.domain.levels.assurance import ACR_VALUES, RESISTANCE_VALUES, Level, Resistance, acr_for
from idp.domain.levels.assurance_policy import Act, AssurancePolicy, DetailRule, Rule
from idp.domain.levels.requirement import FRESHNESS

Document = dict[str, Any]

SECTIONS: Final = ("accounts", "clients", "scopes", "details", "acts")
MOST_RULES: Final = 5_000
"""Rules of one section."""

LONGEST_NAME: Final = 256
_RULE: Final = frozenset({"level", "fresh_within", "resistance", "where_possible"})
_DETAIL: Final = _RULE | {"type", "action", "from"}
_RESISTANCES: Final = MappingProxyType({value: name for name, value in RESISTANCE_VALUES.items()})
_CURRENCY_LENGTH: Final = 3

_Key = TypeVar("_Key", bound=StrEnum)


class PolicyDocumentError(ValueError):
    """A document that is no policy. `path` names the place, `reason` says why; neither repeats a value."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


def policy_of(document: Mapping[str, Any], *, version: int, effective_from: Seconds) -> AssurancePolicy:
    """Return the policy that a document describes. Raises `PolicyDocumentError`."""
    _known(document, frozenset(SECTIONS), "")
    return AssurancePolicy(
        version=version,
        effective_from=effective_from,
        accounts=_of_words(document, "accounts", AccountKind),
        clients=_of_names(document, "clients"),
        scopes=_of_names(document, "scopes"),
        details=_details(document.get("details", [])),
        acts=_of_words(document, "acts", Act),
    )


def document_of(policy: AssurancePolicy) -> Document:
    """Return the document of a policy: the same for equal rules, sections without rules left out."""
    document: Document = {
        "accounts": {kind.value: _written(rule) for kind, rule in sorted(policy.accounts.items())},
        "clients": {name: _written(rule) for name, rule in sorted(policy.clients.items())},
        "scopes": {name: _written(rule) for name, rule in sorted(policy.scopes.items())},
        "details": [_written_detail(rule) for rule in policy.details],
        "acts": {act.value: _written(rule) for act, rule in sorted(policy.acts.items())},
    }
    return {name: rules for name, rules in document.items() if rules}


def _known(value: object, names: frozenset[str], path: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise PolicyDocumentError(path, "must be a mapping")
    if not names.issuperset(value):
        raise PolicyDocumentError(path, f"knows only {', '.join(sorted(names))}")
    return value


def _section(document: Mapping[str, Any], name: str) -> Mapping[Any, Any]:
    rules = document.get(name, {})
    if not isinstance(rules, Mapping) or len(rules) > MOST_RULES:
        raise PolicyDocumentError(name, f"must be a mapping of at most {MOST_RULES} rules")
    return rules


def _of_words(document: Mapping[str, Any], section: str, words: type[_Key]) -> dict[_Key, Rule]:
    rules = _known(_section(document, section), frozenset(word.value for word in words), section)
    return {words(name): rule_of(rule, f"{section}.{name}") for name, rule in rules.items()}


def _of_names(document: Mapping[str, Any], section: str) -> dict[str, Rule]:
    found = {}
    for place, (name, rule) in enumerate(_section(document, section).items()):
        if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
            raise PolicyDocumentError(f"{section}[{place}]", "has no name that can stand for a client or scope")
        found[name] = rule_of(rule, f"{section}[{place}]")
    return found


def rule_of(value: object, path: str, names: frozenset[str] = _RULE) -> Rule:
    """Return one rule. Raises `PolicyDocumentError`."""
    rule = _known(value, names, path)
    level, fresh_within = rule.get("level", "urn:vn:loa:1"), rule.get("fresh_within")
    resistance, where_possible = rule.get("resistance"), rule.get("where_possible", False)
    if not isinstance(level, str) or level not in ACR_VALUES:
        raise PolicyDocumentError(f"{path}.level", "must be one of urn:vn:loa:1 to urn:vn:loa:4")
    if fresh_within is not None and (type(fresh_within) is not int or fresh_within not in FRESHNESS):
        raise PolicyDocumentError(f"{path}.fresh_within", f"must be one of {', '.join(map(str, FRESHNESS))} (seconds)")
    if resistance is not None and (not isinstance(resistance, str) or resistance not in RESISTANCE_VALUES):
        raise PolicyDocumentError(f"{path}.resistance", "must be phr or phrh")
    if not isinstance(where_possible, bool):
        raise PolicyDocumentError(f"{path}.where_possible", "must be true or false")
    return Rule(
        Level(ACR_VALUES[level]),
        fresh_within,
        Resistance.NONE if resistance is None else RESISTANCE_VALUES[resistance],
        where_possible,
    )


def _details(value: object) -> tuple[DetailRule, ...]:
    if not isinstance(value, list | tuple) or len(value) > MOST_RULES:
        raise PolicyDocumentError("details", f"must be a list of at most {MOST_RULES} rules")
    return tuple(_detail(rule, f"details[{place}]") for place, rule in enumerate(value))


def _detail(value: object, path: str) -> DetailRule:
    detail = _known(value, _DETAIL, path)
    name, action = detail.get("type"), detail.get("action", "")
    if not isinstance(name, str) or name not in DETAIL_TYPES:
        raise PolicyDocumentError(f"{path}.type", f"must be one of {', '.join(sorted(DETAIL_TYPES))}")
    if not isinstance(action, str) or (action and action not in DETAIL_TYPES[name].actions):
        raise PolicyDocumentError(f"{path}.action", "must be an action of this type")
    amount, currency = _money(detail.get("from"), f"{path}.from")
    return DetailRule(name, rule_of(detail, path, _DETAIL), action, currency, amount)


def _money(value: object, path: str) -> tuple[int, str]:
    if value is None:
        return 0, ""
    money = _known(value, frozenset({"amount", "currency"}), path)
    amount, currency = money.get("amount"), money.get("currency")
    if type(amount) is not int or amount not in AMOUNTS:
        raise PolicyDocumentError(f"{path}.amount", "must be 1, 2 or 5 with any number of zeros")
    if not isinstance(currency, str) or len(currency) != _CURRENCY_LENGTH or not currency.isupper():
        raise PolicyDocumentError(f"{path}.currency", "must be a currency such as VND")
    return amount, currency


def _written(rule: Rule) -> Document:
    written: Document = {"level": acr_for(rule.level)}
    if rule.fresh_within is not None:
        written["fresh_within"] = rule.fresh_within
    if rule.resistance is not Resistance.NONE:
        written["resistance"] = _RESISTANCES[rule.resistance]
    if rule.where_possible:
        written["where_possible"] = True
    return written


def _written_detail(detail: DetailRule) -> Document:
    written: Document = {"type": detail.type}
    if detail.action:
        written["action"] = detail.action
    if detail.amount:
        written["from"] = {"amount": detail.amount, "currency": detail.currency}
    return written | _written(detail.rule)
