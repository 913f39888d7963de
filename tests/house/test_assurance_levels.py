import re
from dataclasses import replace
from itertools import product
from typing import Any

from idp.domain.abuse.risk import Risk
from idp.domain.ids import Seconds
from idp.domain.levels.assurance import (
    ACR_VALUES,
    METHODS,
    REACH_EVERYWHERE,
    Level,
    Method,
    Proof,
    Resistance,
    acr_for,
    level_of,
    reach_of,
    supported_acr_values,
)
from idp.domain.levels.assurance_policy import FIRST_POLICY, LEVELS
from idp.domain.levels.assurance_policy_document import document_of
from idp.domain.levels.requirement import Need, Requirement
from idp.journeys.next_step import STEP_OF, Situation, Step, next_step, ways
from tests.house.source import ROOT

TEXT = (ROOT / "docs/assurance-levels.md").read_text(encoding="utf-8")
WITHOUT_FACES = reach_of(frozenset(Method) - {Method.BIOMETRIC})
PROVED = {
    "nothing": (),
    "password": (Method.PASSWORD,),
    "password + code": (Method.PASSWORD, Method.ONE_TIME_CODE),
    "passkey": (Method.PASSKEY,),
    "password + face": (Method.PASSWORD, Method.BIOMETRIC),
    "passkey + face": (Method.PASSKEY, Method.BIOMETRIC),
}
FACE = frozenset({Method.BIOMETRIC})
CODE = FACE | {Method.ONE_TIME_CODE, Method.RECOVERY_CODE, Method.PHONE}
ENROLLED = {
    "nothing": FACE,
    "code": CODE,
    "passkey": FACE | {Method.PASSKEY, Method.PHONE},
    "code + passkey": CODE | {Method.PASSKEY},
    "security key": FACE | {Method.SECURITY_KEY, Method.PHONE},
}
REQUIRED = {
    "1": Requirement(),
    "2": Requirement(Level.TWO),
    "phr": Requirement(resistance=Resistance.PHISHING_RESISTANT),
    "3": Requirement(Level.THREE),
    "4": Requirement(Level.FOUR),
    "phrh": Requirement(resistance=Resistance.HARDWARE_PROTECTED),
}
RISKS = {risk.name.lower(): risk for risk in Risk}
AGES = {"young": 299, "old": 300}
YES_NO = {"no": False, "yes": True}
Row = tuple[str, ...]


def tables(heading: str) -> list[list[Row]]:
    """The cells of the tables under a heading, without markup; the lines of column names left out."""
    section = TEXT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    blocks = [block for block in section.strip().split("\n\n") if block.startswith("|")]
    return [
        [tuple(cell.strip().strip("`") for cell in line.strip("|").split("|")) for line in block.splitlines()[2:]]
        for block in blocks
    ]


def table(heading: str) -> list[Row]:
    """The cells of the one table under a heading."""
    (only,) = tables(heading)
    return only


def test_the_levels_are_those_of_the_code() -> None:
    rows = table("Levels")

    assert [int(row[0]) for row in rows] == [level for level in Level if level]
    assert all(row[1] == acr_for(Level(int(row[0]))) for row in rows)
    names = {name: int(row[0]) for row in rows for name in row[1:3] if name}
    assert names == {value: int(level) for value, level in ACR_VALUES.items()}
    everywhere = {name for row in rows if row[4] == "everywhere" for name in row[1:3] if name}
    assert everywhere | {"phr"} == set(supported_acr_values(REACH_EVERYWHERE))
    assert set(ACR_VALUES) | {"phr", "phrh"} == set(supported_acr_values(reach_of(Method)))


def test_the_methods_are_those_of_the_code() -> None:
    said = {True: "yes", False: "no"}
    assert table("Methods") == [
        (
            method.value,
            ", ".join(sorted(facts.factors)),
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


def test_the_table_of_steps_answers_every_combination_as_the_code_does() -> None:
    rows, used = tables("What comes next")[0], set()
    for proved, enrolled, required, risk, age in product(PROVED, ENROLLED, REQUIRED, RISKS, AGES):
        requirement = replace(REQUIRED[required], fresh_within=300)
        session = proofs_of(proved, Seconds(1000 - AGES[age]))
        is_gone = requirement.need(session, Seconds(1000)) is Need.SIGN_IN
        row = first_row(rows, ("nothing" if is_gone else proved, enrolled, required, risk))
        used.add(row)
        situation = Situation(
            requirement=requirement,
            proofs=() if is_gone else session,
            enrolled=ENROLLED[enrolled],
            reach=reach_of(Method),
            risk=RISKS[risk],
        )
        assert next_step(situation) == row[-1], (proved, enrolled, required, risk, age)
        leads_on = ways(situation)
        assert all(STEP_OF[way] in set(Step) for way in leads_on)
        assert (row[-1] in {STEP_OF[way] for way in leads_on}) == bool(leads_on)
    assert used == set(rows)


def test_the_table_of_what_else_counts_answers_every_combination_as_the_code_does() -> None:
    rows, used = tables("What comes next")[1], set()
    known = [name for name in PROVED if name in {"nothing", "password", "password + code"}]
    for cells in product(YES_NO, known, ("1", "2"), ("nothing", "code"), YES_NO, YES_NO, YES_NO):
        unsaved, proved, required, enrolled, always, trusted, activated = cells
        row = first_row(rows, cells)
        used.add(row)
        situation = Situation(
            requirement=REQUIRED[required],
            proofs=proofs_of(proved, Seconds(1)),
            enrolled=ENROLLED[enrolled],
            always_ask=YES_NO[always],
            trusted=YES_NO[trusted],
            activated=YES_NO[activated],
            unsaved_codes=YES_NO[unsaved],
        )
        assert next_step(situation) == row[-1], cells
    assert used == set(rows)


def test_what_no_method_here_proves_is_unreachable_whatever_else_is_so() -> None:
    for proved, enrolled, required, risk in product(PROVED, ENROLLED, ("3", "4"), RISKS):
        situation = Situation(
            requirement=REQUIRED[required],
            proofs=proofs_of(proved, Seconds(1)),
            enrolled=ENROLLED[enrolled] - FACE,
            reach=WITHOUT_FACES,
            risk=RISKS[risk],
        )
        assert next_step(situation) is (Step.PASSWORD if proved == "nothing" else Step.UNREACHABLE)


def proofs_of(proved: str, at: Seconds) -> tuple[Proof, ...]:
    return tuple(Proof(method, at) for method in PROVED[proved])


def first_row(rows: list[Row], cells: Row) -> Row:
    return next(row for row in rows if fits(row, cells))


def fits(row: Row, cells: Row) -> bool:
    return all(cell in re.split(", ", wanted) or wanted == "any" for wanted, cell in zip(row, cells, strict=False))


def test_what_counts_as_proved_is_worth_what_the_table_takes_it_for() -> None:
    levels = [level_of(Proof(method, Seconds(1)) for method in methods) for methods in PROVED.values()]

    assert levels == [Level.NONE, Level.ONE, Level.TWO, Level.TWO, Level.THREE, Level.THREE]
