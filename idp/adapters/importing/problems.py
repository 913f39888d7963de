"""What is wrong with an import file: every problem by its path and reason, never by the value."""

import re
from collections.abc import Sequence
from typing import Any, Final

from pydantic import ValidationError

from idp.domain.values import dataclass

_LONGEST_PATH_PART: Final = 60
_UNPRINTABLE: Final = re.compile(r"[^\w.#@:/-]")

_REASONS: Final = {
    "missing": "is required",
    "extra_forbidden": "is an unknown name",
    "string_type": "must be text; write digits in quotes",
    "list_type": "must be a list",
    "dict_type": "must be a mapping",
    "model_type": "must be a mapping",
    "model_attributes_type": "must be a mapping",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem: where (`people[3].phone_number`, or `line 7`) and why."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}" if self.path else self.reason


class MisplacedValue(ValueError):
    """What a rule about several members finds wrong with one of them: where below the record (`redirect_uris[0]`)."""

    def __init__(self, location: Sequence[int | str], reason: str) -> None:
        super().__init__(reason)
        self.location = tuple(location)


class ImportRefused(Exception):
    """A file is not loaded, and nothing of it was; `problems` has at least one entry."""

    def __init__(self, source: str, problems: Sequence[Problem]) -> None:
        super().__init__(f"{source}: {problems[0]}")
        self.source = source
        self.problems = tuple(problems)

    def __reduce__(self) -> tuple[type["ImportRefused"], tuple[str, tuple[Problem, ...]]]:
        """Let it travel from one process to another whole."""
        return type(self), (self.source, self.problems)


def problems_of(error: ValidationError, root: str = "") -> list[Problem]:
    """Return every problem that pydantic found, below the path `root`, without the values that caused them."""
    details = error.errors(include_url=False, include_input=False)
    return [Problem(join_path(root, _location(detail)), _reason(detail)) for detail in details]


def line_problem(number: int, problem: Problem) -> Problem:
    """Return the problem of the record in a line of its own, by the line's number and its path within the record."""
    line = f"line {number}"
    return Problem(f"{line}: {problem.path}" if problem.path else line, problem.reason)


def join_path(root: str, location: Sequence[int | str]) -> str:
    """Return `root` with a location behind it, as in `people[3].address.formatted`."""
    path = root
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path += ("." if path else "") + _UNPRINTABLE.sub("?", part)[:_LONGEST_PATH_PART]
    return path


def _location(detail: Any) -> tuple[int | str, ...]:  # noqa: ANN401 - pydantic's own mapping of mixed values
    """Return where a problem is; pydantic says of a mapping's bad name that it is one, which its reason says too."""
    location = tuple(part for part in detail["loc"] if part != "[key]")
    error = detail["ctx"]["error"] if detail["type"] == "value_error" else None
    return location + error.location if isinstance(error, MisplacedValue) else location


def _reason(detail: Any) -> str:  # noqa: ANN401 - pydantic's own mapping of mixed values
    if detail["type"] == "value_error":
        return str(detail["ctx"]["error"])
    reason: str = _REASONS.get(detail["type"], detail["msg"])
    return reason.replace("Input should", "must", 1)
