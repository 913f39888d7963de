from typing import Annotated, Self

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from idp.adapters.importing.problems import ImportRefused, MisplacedValue, Problem, join_path, line_problem, problems_of


class _Inner(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")
    count: int


def _refuse(_: str) -> str:
    raise ValueError("no name")


class _Outer(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")
    name: str
    inner: list[_Inner]


def test_a_problem_is_named_by_its_path_and_reason() -> None:
    assert str(Problem("people[3].phone_number", "is wrong")) == "people[3].phone_number: is wrong"
    assert str(Problem("", "is empty")) == "is empty"


def test_every_problem_of_a_record_is_told_and_none_by_its_value() -> None:
    with pytest.raises(ValidationError) as refusal:
        _Outer.model_validate({"name": 7, "inner": [{"count": "s3cret"}, {"what": 1}], "odd": "s3cret"})

    problems = [str(problem) for problem in problems_of(refusal.value, "people[0]")]
    assert problems == [
        "people[0].name: must be text; write digits in quotes",
        "people[0].inner[0].count: must be a whole number",
        "people[0].inner[1].count: is required",
        "people[0].inner[1].what: is an unknown name",
        "people[0].odd: is an unknown name",
    ]


class _Ruled(_Inner):
    names: dict[Annotated[str, AfterValidator(_refuse)], str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _agree(self) -> Self:
        raise MisplacedValue(["parts", 2], "is odd")


def test_what_a_rule_finds_has_the_path_of_the_member_and_a_bad_name_its_own() -> None:
    with pytest.raises(ValidationError) as refusal:
        _Ruled.model_validate({"count": 1})
    assert [str(problem) for problem in problems_of(refusal.value, "people[0]")] == ["people[0].parts[2]: is odd"]
    with pytest.raises(ValidationError) as refusal:
        _Ruled.model_validate({"count": 1, "names": {"x": "y"}})
    assert [str(problem) for problem in problems_of(refusal.value, "people[0]")] == ["people[0].names.x: no name"]


def test_a_problem_of_a_line_is_named_by_its_number_and_the_path_within() -> None:
    assert line_problem(31, Problem("address.country", "is empty")) == Problem("line 31: address.country", "is empty")
    assert line_problem(31, Problem("", "is not JSON")) == Problem("line 31", "is not JSON")


def test_an_absurd_name_is_cut_and_cannot_forge_lines() -> None:
    path = join_path("", ["a\nb\x1b[31m" + "x" * 10_000])
    assert "\n" not in path
    assert "\x1b" not in path
    assert len(path) <= 60


def test_a_refused_file_is_named_with_its_first_problem() -> None:
    refusal = ImportRefused("people.yaml", [Problem("people[0].name", "is required"), Problem("b", "c")])
    assert str(refusal) == "people.yaml: people[0].name: is required"
    assert len(refusal.problems) == 2
