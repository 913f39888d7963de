import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from idp.adapters.importing.problems import ImportRefused, Problem, join_path, problems_of


class _Inner(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")
    count: int


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


def test_an_absurd_name_is_cut_and_cannot_forge_lines() -> None:
    path = join_path("", ["a\nb\x1b[31m" + "x" * 10_000])
    assert "\n" not in path
    assert "\x1b" not in path
    assert len(path) <= 60


def test_a_refused_file_is_named_with_its_first_problem() -> None:
    refusal = ImportRefused("people.yaml", [Problem("people[0].name", "is required"), Problem("b", "c")])
    assert str(refusal) == "people.yaml: people[0].name: is required"
    assert len(refusal.problems) == 2
