from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from idp.adapters.importing.document import read_document
from idp.adapters.importing.problems import ImportRefused
from idp.adapters.importing.register_entries import AgencyEntry, OrganisationEntry, ResourceEntry

AGENCY: dict[str, Any] = {"code": "G10.01", "name": "Cục Đất đai", "kind": "department", "parent": "G10"}


def test_an_agency_may_have_a_parent_and_dates() -> None:
    agency = AgencyEntry.model_validate({**AGENCY, "valid_from": date(2025, 3, 1), "valid_to": "2026-01-01"})
    assert (agency.valid_from, agency.valid_to) == (date(2025, 3, 1), date(2026, 1, 1))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"code": "G1"}, "An agency code has"),
        ({"kind": "village"}, "'ministry', 'province', 'commune', 'department' or 'district'"),
        ({"kind": "district"}, "districts ended on 2025-07-01"),
        ({"kind": "district", "valid_to": "2025-07-02"}, "districts ended on 2025-07-01"),
        ({"successors": ["G10.01"]}, "an agency does not follow itself"),
        ({"parent": "G10.01"}, "an agency is not its own parent"),
        ({"valid_from": "2025-03-01", "valid_to": "2025-02-01"}, "valid_to lies before valid_from"),
        ({"valid_from": "soon"}, "must be a date"),
        ({"colour": "red"}, "Extra inputs"),
    ],
)
def test_an_agency_that_breaks_a_rule_is_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        AgencyEntry.model_validate({**AGENCY, **changes})


def test_an_organisation_names_its_representatives_by_personal_number() -> None:
    organisation = OrganisationEntry.model_validate(
        {"tax_code": "0100109106", "name": "Tập đoàn", "representatives": ["001 099 000 001"]}
    )
    assert organisation.representatives == ["001099000001"]


@pytest.mark.parametrize("changes", [{"tax_code": "0100109107"}, {"name": "\x00"}, {"representatives": ["1"]}])
def test_an_organisation_that_breaks_a_rule_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        OrganisationEntry.model_validate({"tax_code": "0100109106", "name": "Tập đoàn", **changes})


def test_a_resource_has_an_audience_and_scopes() -> None:
    resource = ResourceEntry.model_validate({"audience": "https://api.example", "scopes": ["dossier.read"]})
    assert resource.scopes == ["dossier.read"]


@pytest.mark.parametrize(
    "changes",
    [
        {"audience": "http://api.example"},
        {"audience": "api"},
        {"audience": "https://api.example#part"},
        {"scopes": ["a b"]},
        {"scopes": ['"']},
        {"scopes": ["dossier.read", "profile"]},
    ],
)
def test_a_resource_that_breaks_a_rule_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ResourceEntry.model_validate({"audience": "https://api.example", **changes})


def test_a_special_day_is_a_holiday_unless_it_is_worked() -> None:
    text = """
special_days:
  - {day: 2027-02-12, name: Nghỉ bù Tết}
  - {day: "2027-02-20", name: Làm bù, works: true}
"""
    days = read_document("days.yaml", text.encode()).records({}).special_days
    assert [(str(each.day), each.name, each.works) for each in days] == [
        ("2027-02-12", "Nghỉ bù Tết", False),
        ("2027-02-20", "Làm bù", True),
    ]
    for wrong in ("2027-02-30", "soon", "2027-02-12"):
        with pytest.raises(ImportRefused):
            read_document("days.yaml", text.replace("2027-02-20", wrong).encode())
