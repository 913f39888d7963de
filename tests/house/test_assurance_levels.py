import re
from collections.abc import Iterator
from itertools import product
from typing import Any

from idp.domain.account import AuthenticatorKind
from idp.domain.assurance import ACR_VALUES, METHODS, SUPPORTED_ACR_VALUES, Level, Method, Proof, acr_for, level_of
from idp.domain.assurance_policy import FIRST_POLICY, LEVELS
from idp.domain.assurance_policy_document import document_of
from idp.domain.ids import Seconds
from idp.domain.requirement import Requirement
from idp.journeys.next_step import Situation, next_step
from tests.house.source import ROOT

TEXT = (ROOT / "docs/assurance-levels.md").read_text(encoding="utf-8")
PROVED = {
    "nothing": (),
    "code": (Method.ONE_TIME_CODE,),
    "password": (Method.PASSWORD,),
    "password + code": (Method.PASSWORD, Method.RECOVERY_CODE),
}
ENROLLED = {"none": (), "enrolled": (AuthenticatorKind.ONE_TIME_CODE, AuthenticatorKind.RECOVERY_CODES)}
YES_NO = {"no": False, "yes": True}
Row = tuple[str, ...]


def table(heading: str) -> list[Row]:
    """The cells of the table under a heading, without markup; the line of column names left out."""
    section = TEXT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [tuple(cell.strip().strip("`") for cell in line.strip("|").split("|")) for line in lines[2:]]


def test_the_levels_are_those_of_the_code() -> None:
    rows = table("Levels")

    assert [int(row[0]) for row in rows] == [level for level in Level if level]
    assert all(row[1] == acr_for(Level(int(row[0]))) for row in rows)
    names = {name: int(row[0]) for row in rows for name in row[1:3] if name}
    assert names == {value: int(level) for value, level in ACR_VALUES.items()}
    reached = {name for row in rows if row[4] == "yes" for name in row[1:3] if name}
    assert reached == set(SUPPORTED_ACR_VALUES)


def test_the_methods_are_those_of_the_code() -> None:
    said = {True: "yes", False: "no"}
    assert table("Methods") == [
        (
            method.value,
            facts.factor.value,
            facts.amr,
            said[facts.phishing_resistant],
            said[facts.hardware_protected],
        )
        for method, facts in METHODS.items()
    ]


def test_the_mapping_to_other_schemes_is_that_of_the_policy() -> None:
    assert table("Beside other schemes") == [
        (str(int(each.level)), each.decree, each.iso_29115, each.eidas, each.nist_800_63_4) for each in LEVELS
    ]
    assert FIRST_POLICY.levels == LEVELS


def test_the_rules_of_the_first_version_are_those_of_the_code() -> None:
    rules = [
        {
            "for": row[0],
            "name": row[1],
            "condition": row[2],
            "level": row[3],
            "old": row[4],
            "phr": row[5],
            "yes": row[6],
        }
        for row in table("The policy")
    ]
    document = document_of(FIRST_POLICY)
    told = [("details", rule["type"], rule) for rule in document["details"]]
    told += [(part, name, rule) for part in ("accounts", "scopes", "acts") for name, rule in document[part].items()]
    assert sorted(map(str, rules)) == sorted(str(expected_row(*each)) for each in told)


def expected_row(part: str, name: str, rule: dict[str, Any]) -> dict[str, str]:
    money = rule.get("from")
    return {
        "for": part,
        "name": name,
        "condition": rule.get("action", "") or (f"from {money['amount']} {money['currency']}" if money else ""),
        "level": rule["level"].removeprefix("urn:vn:loa:"),
        "old": f"{rule['fresh_within']} s" if "fresh_within" in rule else "",
        "phr": rule.get("resistance", ""),
        "yes": "yes" if rule.get("where_possible") else "",
    }


def test_the_table_of_steps_answers_every_situation_as_the_code_does() -> None:
    rows = table("What comes next")
    used = set()
    for unsaved, proved, level, enrolled, always, activated in situations():
        cells = (unsaved, proved, level, enrolled, always, activated)
        row = next(row for row in rows if fits(row, cells))
        used.add(row)
        situation = Situation(
            requirement=Requirement(Level(int(level))),
            proofs=tuple(Proof(method, Seconds(1)) for method in PROVED[proved]),
            enrolled=ENROLLED[enrolled],
            always_ask=YES_NO[always],
            activated=YES_NO[activated],
            unsaved_codes=YES_NO[unsaved],
        )
        assert next_step(situation) == row[-1], cells
    assert used == set(rows)


def situations() -> Iterator[Row]:
    return product(YES_NO, PROVED, ("1", "2", "3", "4"), ENROLLED, YES_NO, YES_NO)


def fits(row: Row, cells: Row) -> bool:
    return all(cell in re.split(", ", wanted) or wanted == "any" for wanted, cell in zip(row, cells, strict=False))


def test_what_counts_as_proved_is_worth_what_the_table_takes_it_for() -> None:
    levels = [level_of(Proof(method, Seconds(1)) for method in methods) for methods in PROVED.values()]

    assert levels == [Level.NONE, Level.ONE, Level.ONE, Level.TWO]
