from typing import Any

import pytest

from idp.adapters.importing.document import read_document
from idp.adapters.importing.policy_entry import policy_entry
from idp.adapters.importing.problems import ImportRefused
from idp.domain.accounts.account import AccountKind
from idp.domain.ids import Seconds
from idp.domain.levels.assurance import Level, Resistance
from idp.domain.levels.assurance_policy import Act, AssurancePolicy, DetailRule, Rule

FILE = """
policies:
  - version: 2
    effective_from: 2027-01-01
    accounts:
      officer: {level: urn:vn:loa:2, resistance: phr, where_possible: true}
    clients:
      payment-gateway: {level: urn:vn:loa:2, fresh_within: 900}
    scopes:
      dossier.write: {level: urn:vn:loa:2}
    details:
      - {type: dossier_access, action: write, level: urn:vn:loa:2}
      - {type: payment_initiation, from: {amount: 10000000, currency: VND}, level: urn:vn:loa:3, fresh_within: 300}
    acts:
      delegate: {level: urn:vn:loa:3, fresh_within: 300, where_possible: true}
"""
POLICY = AssurancePolicy(
    version=2,
    effective_from=Seconds(1_798_736_400),
    accounts={AccountKind.OFFICER: Rule(Level.TWO, None, Resistance.PHISHING_RESISTANT, where_possible=True)},
    clients={"payment-gateway": Rule(Level.TWO, 900)},
    scopes={"dossier.write": Rule(Level.TWO)},
    details=(
        DetailRule("dossier_access", Rule(Level.TWO), "write"),
        DetailRule("payment_initiation", Rule(Level.THREE, 300), currency="VND", amount=10_000_000),
    ),
    acts={Act.DELEGATE: Rule(Level.THREE, 300, where_possible=True)},
)


def read(text: str) -> tuple[AssurancePolicy, ...]:
    return read_document("policies.yaml", text.encode()).records({}).policies


def test_the_file_of_the_guide_becomes_a_policy_from_midnight_in_vietnam() -> None:
    assert read(FILE) == (POLICY,)


def test_what_is_written_is_read_again_as_it_was() -> None:
    entry = policy_entry(POLICY)
    assert entry["effective_from"] == "2027-01-01T00:00:00+07:00"
    lines = "".join(f"    {name}: {_flow(value)}\n" for name, value in entry.items())
    assert read("policies:\n  -\n" + lines) == (POLICY,)


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_flow(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else str(value)


@pytest.mark.parametrize(
    ("changed", "into", "problem"),
    [
        ("version: 2", "version: 1", "policies[0].version: "),
        ("2027-01-01", "soon", "policies[0]: effective_from: must be a day or a moment"),
        ("2027-01-01", '"9999-12-31T23:59:59-12:00"', "effective_from: must lie in the years 1970 to 9998"),
        ("2027-01-01", "1969-12-31", "effective_from: must lie in the years 1970 to 9998"),
        ("officer:", "clerk:", "policies[0]: accounts: knows only citizen, officer"),
        ("urn:vn:loa:2, resistance", "LoA9, resistance", "policies[0]: accounts.officer.level: must be one of"),
        ("fresh_within: 900", "fresh_within: 901", "policies[0]: clients[0].fresh_within: must be one of"),
        ("resistance: phr", "resistance: strong", "policies[0]: accounts.officer.resistance: must be phr or phrh"),
        ("action: write", "action: burn", "policies[0]: details[0].action: must be an action of this type"),
        ("type: dossier_access", "type: unheard", "policies[0]: details[0].type: must be one of"),
        ("10000000", "10000001", "policies[0]: details[1].from.amount: must be 1, 2 or 5"),
        ("where_possible: true}\n    clients", "where_possible: maybe}\n    clients", "must be true or false"),
        ("level: urn:vn:loa:2, fresh", "lvl: urn:vn:loa:2, fresh", "policies[0]: clients[0]: knows only"),
    ],
)
def test_what_is_no_policy_is_refused_by_place_and_reason(changed: str, into: str, problem: str) -> None:
    assert changed in FILE
    with pytest.raises(ImportRefused) as refusal:
        read(FILE.replace(changed, into, 1))
    (found,) = refusal.value.problems
    assert problem in str(found)


def test_a_version_stands_once_in_a_file() -> None:
    with pytest.raises(ImportRefused) as refusal:
        read(FILE + FILE.partition("policies:\n")[2])
    assert "is the same as policies[0].version" in str(refusal.value.problems[0])
